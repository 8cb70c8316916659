import { COMPOSE_ADVICE } from '../text/compose-advice.js';
import { child, entriesOf, isList, isMap, isNull, plainOf, textOf, wordOf, type Entry, type Node, type Plain } from '../text/node.js';
import { deployKeys } from './deploy.js';
import { environmentKeys } from './environment.js';
import { healthcheckKeys } from './healthcheck.js';
import { mountOf, numberOf, portText } from './parts.js';
import { pairsOf, partsOf, tellOthers, type InService, type Made } from './references.js';

/** Keys that mean the same in both. */
const SAME = [
  'image', 'cap_add', 'cap_drop', 'cpu_shares', 'devices', 'dns', 'env_file', 'external_links', 'extra_hosts', 'group_add', 'hostname', 'init', 'links',
  'pid', 'privileged', 'read_only', 'runtime', 'security_opt', 'stop_grace_period', 'stop_signal', 'ulimits', 'user', 'volumes_from', 'working_dir',
];
/** Keys that must be text in a stack file. */
const TEXT = ['mem_limit', 'memswap_limit', 'mem_reservation', 'shm_size', 'user'];

const itemsOf = (node: Node): readonly Node[] => (isList(node) ? node.items : []);
const command = (node: Node): Plain => (isList(node) ? node.items.map(wordOf) : wordOf(node));
/** What resets to the image's own, as leaving it out does. */
const isEmptyList = (node: Node): boolean => isList(node) && node.items.length === 0;
const named = (node: Node): Made => Object.fromEntries(pairsOf(node).map(([name, value]) => [name, wordOf(value)]));

/** How a key of docker-compose is written in a stack file; nothing when it has no counterpart, and that has been said. */
const CHANGED: Readonly<Record<string, (node: Node, converting: InService) => Made>> = {
  command: (node) => (isEmptyList(node) ? {} : { command: command(node) }),
  entrypoint: (node) => (isEmptyList(node) ? {} : { entrypoint: command(node) }),
  environment: environmentKeys,
  extends: (node) => ({ extends: child(node, 'file') === undefined ? (textOf(child(node, 'service')) ?? plainOf(node)) : plainOf(node) }),
  build: (node, converting) => ({ build: partsOf(node, 'build', ['context', 'dockerfile', 'args'], converting) }),
  logging: (node, converting) => ({ logging: partsOf(node, 'logging', ['driver', 'options'], converting) }),
  labels: (node) => ({ labels: named(node) }),
  sysctls: (node) => ({ sysctls: named(node) }),
  cpus: (node) => ({ cpus: numberOf(node) }),
  scale: (node) => ({ instances: numberOf(node) }),
  depends_on: (node, { mistakes, path }) => {
    if (isMap(node) && entriesOf(node).some(({ value }) => !['', 'service_started'].includes(textOf(child(value, 'condition')) ?? ''))) mistakes.warn(node.at, path, 'conditions have no counterpart: the services are deployed in order', { hint: 'give the other service deploy.wait_for_port' });
    return { depends_on: isMap(node) ? entriesOf(node).map(({ key }) => key) : plainOf(node) };
  },
  network_mode: (node, { mistakes, path }) => {
    if (['host', 'bridge'].includes(wordOf(node))) return { network_mode: wordOf(node) };
    mistakes.warn(node.at, path, `network_mode ${wordOf(node)} has no counterpart`, { hint: 'host or bridge' });
    return {};
  },
  healthcheck: healthcheckKeys,
  networks: (node, { mistakes, path }) => {
    const aliases = entriesOf(node).flatMap(({ value }) => { const list = child(value, 'aliases'); return isList(list) ? list.items.map(wordOf) : []; });
    mistakes.warn(node.at, path, aliases.length === 0 ? 'networks has no counterpart' : `networks has no counterpart, and its aliases are left out: ${aliases.join(', ')}`, { hint: COMPOSE_ADVICE.get('networks') });
    return {};
  },
  ports: (node, converting) => ({ ports: itemsOf(node).flatMap((item) => portText(item, converting)) }),
  tmpfs: (node) => ({ tmpfs: isList(node) ? node.items.map(wordOf) : [wordOf(node)] }),
  volumes: (node, converting) => {
    const mounts = itemsOf(node).flatMap((item) => mountOf(item, converting));
    const of = (key: 'volumes' | 'tmpfs'): readonly string[] => mounts.filter((mount) => mount.key === key).map(({ text }) => text);
    return { volumes: of('volumes'), ...(of('tmpfs').length === 0 ? {} : { tmpfs: of('tmpfs') }) };
  },
  secrets: (node, { mistakes, path }) => {
    mistakes.warn(node.at, path, 'secrets come from the vault: write each there under its name');
    for (const item of itemsOf(node)) tellOthers(item, 'secrets', ['source', 'target'], { mistakes, path });
    return { secrets: itemsOf(node).map((item) => ({ secret: textOf(child(item, 'source')) ?? wordOf(item), name: textOf(child(item, 'target')) ?? textOf(child(item, 'source')) ?? wordOf(item), type: 'file' })) };
  },
  deploy: deployKeys,
};

/** A service of docker-compose as one of a stack file. */
export function convertedService({ key: name, value: node }: Entry, around: Omit<InService, 'path'>): Made {
  if (!isMap(node)) {
    around.mistakes.error(node.at, ['services', name], 'must be a mapping');
    return {};
  }
  const keys = entriesOf(node).map((entry) => convertedKey(entry, { ...around, path: ['services', name, entry.key] }));
  const tmpfs = keys.flatMap((made) => made['tmpfs'] ?? []); // some of it may be mounts
  return { ...(Object.assign({}, ...keys) as Made), ...(tmpfs.length === 0 ? {} : { tmpfs }) };
}

function convertedKey({ key, keyAt, value }: Entry, converting: InService): Made {
  if (isNull(value)) return {};
  if (TEXT.includes(key)) return { [key]: wordOf(value).replace(/^(\d+)b$/i, '$1').replace(/^(\d+[kmg])b$/i, '$1') };
  if (SAME.includes(key)) return { [key]: plainOf(value) };
  if (Object.hasOwn(CHANGED, key)) return CHANGED[key]?.(value, converting) ?? {};
  if (!key.startsWith('x-')) converting.mistakes.warn(keyAt, converting.path, `${key} has no counterpart`, { hint: COMPOSE_ADVICE.get(key) });
  return {};
}
