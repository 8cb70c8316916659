import type { Mistakes } from '../text/mistakes.js';
import { child, entriesOf, isList, isMap, isNull, plainOf, textOf, wordOf, type Entry, type Node, type Plain } from '../text/node.js';
import { deployKeys } from './deploy.js';
import { mountText, portText } from './parts.js';
import { pairsOf, tellOthers, type Converting } from './references.js';

type Made = Readonly<Record<string, Plain>>;

/** Keys that mean the same in both. */
const SAME = [
  'image', 'cap_add', 'cap_drop', 'cpu_shares', 'devices', 'dns', 'env_file', 'external_links', 'extra_hosts', 'group_add', 'hostname', 'init', 'links',
  'pid', 'privileged', 'read_only', 'runtime', 'security_opt', 'stop_grace_period', 'stop_signal', 'tmpfs', 'ulimits', 'user', 'volumes_from', 'working_dir', 'extends',
];
/** Keys that must be text in a stack file. */
const TEXT = ['mem_limit', 'memswap_limit', 'mem_reservation', 'shm_size', 'user'];

const quoted = (word: string): string => (/^[\w@%+=:,./${}-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`);
const commandLine = (node: Node): string => (isList(node) ? node.items.map((item) => quoted(wordOf(item))).join(' ') : wordOf(node));
const named = (node: Node): Made => Object.fromEntries(pairsOf(node).map(([name, value]) => [name, wordOf(value)]));

/** How a key of docker-compose is written in a stack file; nothing when it has no counterpart, and that has been said. */
const CHANGED: Readonly<Record<string, (node: Node, converting: Converting) => Made>> = {
  command: (node) => ({ command: commandLine(node) }),
  entrypoint: (node) => ({ entrypoint: commandLine(node) }),
  environment: (node, { mistakes, path }) => ({
    environment: Object.fromEntries(pairsOf(node).flatMap(([name, value]) => {
      if (!isNull(value)) return [[name, wordOf(value)]];
      mistakes.warn(value.at, [...path, name], `${name} has no value, and is left out: docker-compose takes that of its own environment`, { hint: `declare a variable ${name} with from: {env: ${name}}, and write ${name}: \${${name}}` });
      return [];
    })),
  }),
  build: (node, converting) => ({ build: partsOf(node, 'build', ['context', 'dockerfile', 'args'], converting) }),
  logging: (node, converting) => ({ logging: partsOf(node, 'logging', ['driver', 'options'], converting) }),
  labels: (node) => ({ labels: named(node) }),
  sysctls: (node) => ({ sysctls: named(node) }),
  cpus: (node) => ({ cpus: Number(wordOf(node)) }),
  scale: (node) => ({ instances: Number(wordOf(node)) }),
  depends_on: (node, { mistakes, path }) => {
    if (isMap(node) && entriesOf(node).some(({ value }) => !['', 'service_started'].includes(textOf(child(value, 'condition')) ?? ''))) mistakes.warn(node.at, path, 'conditions have no counterpart: the services are deployed in order', { hint: 'give the other service deploy.wait_for_port' });
    return { depends_on: isMap(node) ? entriesOf(node).map(({ key }) => key) : plainOf(node) };
  },
  network_mode: (node, { mistakes, path }) => {
    if (['host', 'bridge'].includes(wordOf(node))) return { network_mode: wordOf(node) };
    mistakes.warn(node.at, path, `network_mode ${wordOf(node)} has no counterpart`, { hint: 'host or bridge' });
    return {};
  },
  healthcheck: (node, converting) => {
    const { disable, ...healthcheck } = partsOf(node, 'healthcheck', ['test', 'interval', 'timeout', 'start_period', 'retries', 'disable'], converting) as Made;
    return disable === true ? {} : { healthcheck };
  },
  ports: (node, converting) => ({ ports: (isList(node) ? node.items : []).flatMap((item) => portText(item, converting)) }),
  volumes: (node, converting) => ({ volumes: (isList(node) ? node.items : []).flatMap((item) => mountText(item, converting)) }),
  secrets: (node, { mistakes, path }) => {
    mistakes.warn(node.at, path, 'secrets come from the vault: write each there under its name');
    for (const item of isList(node) ? node.items : []) tellOthers(item, 'secrets', ['source', 'target'], { mistakes, path });
    return { secrets: (isList(node) ? node.items : []).map((item) => ({ secret: textOf(child(item, 'source')) ?? wordOf(item), name: textOf(child(item, 'target')) ?? textOf(child(item, 'source')) ?? wordOf(item), type: 'file' })) };
  },
  deploy: deployKeys,
};

/** A text as it is; of a map the keys that mean the same. */
function partsOf(node: Node, owner: string, known: readonly string[], converting: Converting): Plain {
  if (!isMap(node)) return plainOf(node);
  tellOthers(node, owner, known, converting);
  return Object.fromEntries(entriesOf(node).filter(({ key, value }) => known.includes(key) && !isNull(value)).map(({ key, value }) => [key, plainOf(value)]));
}

/** What to do about keys without a counterpart, where that is known. */
const ADVICE: Readonly<Record<string, string>> = {
  restart: 'leave it out: a container that ends is always started again',
  container_name: 'leave it out: containers are named after stack, service and instance',
  networks: 'leave it out: there is one network for all',
  expose: 'leave it out: services reach each other at every port',
  configs: 'put the file into the image, or use secrets',
  profiles: 'use only_if with a variable',
  log_driver: 'write logging: {driver: NAME}',
  log_opt: 'write logging: {driver: NAME, options: {…}}',
};

/** A service of docker-compose as one of a stack file. */
export function convertedService({ key: name, value: node }: Entry, mistakes: Mistakes): Made {
  if (!isMap(node)) {
    mistakes.error(node.at, ['services', name], 'must be a mapping');
    return {};
  }
  return Object.assign({}, ...entriesOf(node).map((entry) => convertedKey(entry, { mistakes, path: ['services', name, entry.key] }))) as Made;
}

function convertedKey({ key, keyAt, value }: Entry, converting: Converting): Made {
  if (isNull(value)) return {};
  if (TEXT.includes(key)) return { [key]: wordOf(value).replace(/^(\d+)b$/i, '$1').replace(/^(\d+[kmg])b$/i, '$1') };
  if (SAME.includes(key)) return { [key]: plainOf(value) };
  if (Object.hasOwn(CHANGED, key)) return CHANGED[key]?.(value, converting) ?? {};
  if (!key.startsWith('x-')) converting.mistakes.warn(keyAt, converting.path, `${key} has no counterpart`, { hint: Object.hasOwn(ADVICE, key) ? ADVICE[key] : undefined });
  return {};
}
