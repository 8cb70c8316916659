import { isIP } from 'node:net';
import { isName, nearest } from '../../model/index.js';
import type { Mistakes, Path } from '../text/mistakes.js';
import { child, entriesOf, isList, isMap, isNull, textOf, type MapNode, type Node } from '../text/node.js';
import type { Place } from '../text/source.js';
import { isAlias, noAlias } from './alias.js';
import { linkOf, mountOf, MOST_PORTS, portsOf } from './units.js';
import { shellWords } from './words.js';

/** What the schema cannot say of a service as its file has it. */
export function checkService(name: string, service: MapNode, root: Node, mistakes: Mistakes): void {
  const path = ['services', name];
  const deploy = child(service, 'deploy');
  if (!/^(?!-)[a-z0-9-]+$/.test(name) && isName(name)) mistakes.warn(entriesOf(child(root, 'services')).find(({ key }) => key === name)?.keyAt, path, `service name "${name}" should hold only a-z, 0-9 and -, and not begin with -`);
  for (const key of ['command', 'entrypoint']) checkWords(child(service, key), [...path, key], mistakes);
  checkWords(child(child(service, 'health_check'), 'command'), [...path, 'health_check', 'command'], mistakes);
  checkBeside(service, ['network_mode', 'net'], path, mistakes);
  checkVolumes(child(service, 'volumes'), root, [...path, 'volumes'], mistakes);
  checkPorts(child(service, 'ports'), [...path, 'ports'], mistakes);
  checkAliases(child(service, 'links'), [...path, 'links'], mistakes);
  checkHealth(service, path, mistakes);
  const interval = isMap(deploy) ? deploy.entries.get('interval') : undefined;
  const stateful = child(service, 'stateful');
  if (interval !== undefined && stateful?.kind === 'scalar' && stateful.value === true) mistakes.warn(interval.keyAt, [...path, 'deploy', 'interval'], 'interval has no effect: what is stateful is not replaced by itself');
  const misspelt = service.entries.get('mem_swaplimit');
  if (misspelt !== undefined) mistakes.warn(misspelt.keyAt, [...path, 'mem_swaplimit'], 'mem_swaplimit has no effect', { hint: 'did you mean memswap_limit?' });
}

function checkAliases(node: Node | undefined, path: Path, mistakes: Mistakes): void {
  for (const [index, item] of (isList(node) ? node.items : []).entries()) {
    const text = textOf(item);
    const alias = text === undefined ? textOf(child(item, 'alias')) : linkOf(text).alias;
    if (alias === undefined || isAlias(alias)) continue;
    const { message, hint } = noAlias(alias);
    mistakes.error(item.at, [...path, index], message, { hint });
  }
}

/** A link to a service that the file does not have. */
export interface BrokenLink {
  readonly at: Place;
  readonly path: Path;
  readonly message: string;
  readonly hint: string | undefined;
}

/** The links of a service that lead nowhere: other stacks cannot be looked into, services of this file can. */
export function brokenLinks(name: string, service: MapNode, root: Node): readonly BrokenLink[] {
  const known = entriesOf(child(root, 'services')).map(({ key }) => key);
  return ['links', 'depends_on'].flatMap((key) => {
    const list = child(service, key);
    return (isList(list) ? list.items : []).flatMap((item, index) => {
      const written = textOf(item) ?? textOf(child(item, 'name'));
      const target = written === undefined ? undefined : linkOf(written).name;
      if (target === undefined || target.includes('/') || known.includes(target)) return [];
      const near = nearest(target, known);
      return [{ at: item.at, path: ['services', name, key, index], message: `service "${name}" is linked to "${target}", which is not in the stack`, hint: near === undefined ? undefined : `did you mean ${near}?` }];
    });
  });
}

function checkWords(node: Node | undefined, path: Path, mistakes: Mistakes): void {
  const line = textOf(node);
  if (line === undefined) return;
  try {
    shellWords(line);
  } catch (error) {
    if (error instanceof RangeError) mistakes.error(node?.at, path, error.message);
    else throw error;
  }
}

const HIGHEST_PORT = 65_535;

/** Numbers and addresses that the form of a port allows, and no machine does. */
function checkPorts(node: Node | undefined, path: Path, mistakes: Mistakes): void {
  for (const [index, item] of (isList(node) ? node.items : []).entries()) {
    const text = textOf(item) ?? '';
    const ports = portsOf(text) ?? [];
    if (ports.length === 0 && /\d-\d/.test(text)) mistakes.error(item.at, [...path, index], `the ranges of "${text}" do not fit each other`, { hint: `both count up and are equally long, like 8000-8010:9000-9010, and hold at most ${String(MOST_PORTS)} ports` });
    const [first] = ports; // of none the schema has said what is wrong
    const wrong = ports.flatMap(({ nodePort, containerPort }) => [nodePort, containerPort]).find((number) => number < 1 || number > HIGHEST_PORT);
    if (wrong !== undefined) mistakes.error(item.at, [...path, index], `${wrong} is not a port`, { hint: `ports are 1 to ${HIGHEST_PORT}` });
    if (first !== undefined && isIP(first.ip) === 0) mistakes.error(item.at, [...path, index], `${first.ip} is not an IP address`);
  }
}

/** Which item of `ports` one of the ports comes from that they stand for. */
export function itemOfPort(node: Node | undefined, port: number): number {
  let left = port;
  return isList(node) ? node.items.findIndex((item) => (left -= portsOf(textOf(item) ?? '')?.length ?? 1) < 0) : port;
}

function checkVolumes(node: Node | undefined, root: Node, path: Path, mistakes: Mistakes): void {
  if (!isList(node)) return;
  const seen = new Map<string, number>();
  for (const [index, item] of node.items.entries()) {
    const text = textOf(item);
    const where = [...path, index];
    const mount = text === undefined ? undefined : mountOf(text);
    if (mount === undefined) {
      if (text !== undefined) mistakes.error(item.at, where, `"${text}" is not a volume`, { hint: '/path, /on/node:/path[:ro], or NAME:/path[:ro]' });
      continue;
    }
    if (seen.has(mount.path)) mistakes.error(item.at, where, `${mount.path} is mounted a second time`, { hint: 'mount it once' });
    seen.set(mount.path, index);
    if (mount.source !== undefined && !mount.source.startsWith('/')) checkNamed(mount.source, { item, path: where }, root, mistakes);
  }
}

function checkNamed(name: string, { item, path }: { readonly item: Node; readonly path: Path }, root: Node, mistakes: Mistakes): void {
  const known = entriesOf(child(root, 'volumes')).map(({ key }) => key);
  if (known.includes(name)) return;
  const near = nearest(name, known);
  const hint = near === undefined ? `add at the top: volumes: {${name}: {external: true}}` : `did you mean ${near}?`;
  mistakes.error(item.at, path, `volume "${name}" is not listed under volumes of the file`, { hint });
}

/** Two keys that say the same. */
function checkBeside(service: MapNode, [key, other]: readonly [string, string], path: Path, mistakes: Mistakes): void {
  const second = service.entries.get(other);
  if (second !== undefined && service.entries.has(key)) mistakes.error(second.keyAt, [...path, other], `stands beside ${key}`, { hint: 'keep one of them' });
}

function checkHealth(service: MapNode, path: Path, mistakes: Mistakes): void {
  const check = child(service, 'health_check');
  const test = child(child(service, 'healthcheck'), 'test');
  checkBeside(service, ['health_check', 'healthcheck'], path, mistakes);
  if (isList(test) && test.items.length === 1 && ['CMD', 'CMD-SHELL'].includes(textOf(test.items[0]) ?? '')) mistakes.error(test.at, [...path, 'healthcheck', 'test'], `${textOf(test.items[0]) ?? ''} stands alone`, { hint: 'write the words of the command, or the line, behind it' });
  if (isMap(check)) checkProtocol(check, [...path, 'health_check'], mistakes);
}

function checkProtocol(check: MapNode, path: Path, mistakes: Mistakes): void {
  const protocol = textOf(child(check, 'protocol'));
  if (protocol === 'engine' || protocol === 'none') {
    checkLeftToImage(check, protocol, path, mistakes);
    return;
  }
  const needed = protocol === 'command' ? 'command' : 'port';
  const missing = child(check, needed);
  if (protocol !== undefined && (missing === undefined || isNull(missing))) mistakes.error(check.at, [...path, needed], `${needed} is missing, and protocol ${protocol} needs it`);
}

/** How it is checked is the image's matter, or nobody's. */
function checkLeftToImage(check: MapNode, protocol: 'engine' | 'none', path: Path, mistakes: Mistakes): void {
  const known = protocol === 'engine' ? ['protocol', 'restart'] : ['protocol'];
  const hint = protocol === 'engine' ? 'the image says it with HEALTHCHECK' : 'leave it out';
  for (const [key, { keyAt }] of check.entries) if (!known.includes(key)) mistakes.error(keyAt, [...path, key], `says nothing with protocol ${protocol}`, { hint });
}
