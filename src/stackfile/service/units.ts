const FACTOR: Readonly<Record<string, number>> = { k: 1024, m: 1024 ** 2, g: 1024 ** 3 };

/** `64m` → 67108864. Undefined when it is not a size. */
export function bytesOf(text: string | number): number | undefined {
  const match = /^(-1|\d+)([kmg]?)$/i.exec(String(text));
  return match === null ? undefined : Number(match[1]) * (FACTOR[(match[2] as string).toLowerCase()] ?? 1);
}

/** Seconds in each unit of a duration. */
const SECONDS: Readonly<Record<string, number>> = { ms: 0.001, s: 1, m: 60, min: 60, h: 3600, d: 86_400 };

/** `5min`, `1h30m`, `1.5s` or a number of seconds, in seconds. Undefined when it is not a duration. */
export function secondsOf(value: string | number): number | undefined {
  if (typeof value === 'number') return value;
  if (/^\d+(\.\d+)?$/.test(value)) return Number(value);
  const parts = [...value.matchAll(/(\d+(?:\.\d+)?)\s*(ms|min|s|m|h|d)/g)];
  return parts.length === 0 ? undefined : parts.reduce((sum, [, amount, unit]) => sum + Number(amount) * (SECONDS[unit ?? 's'] ?? 1), 0);
}

export interface PortNumbers {
  readonly ip: string;
  readonly nodePort: number;
  readonly containerPort: number;
  readonly protocol: 'tcp' | 'udp';
}

/** More ports than anybody publishes in one line. */
export const MOST_PORTS = 1000;

/** `[ip:]node:container[/protocol]`, both of them one port or a range `first-last`. Undefined when it is none, or the two are not equally long. */
export function portsOf(text: string): readonly PortNumbers[] | undefined {
  const match = /^(?:(.+):)?(\d+)(?:-(\d+))?:(\d+)(?:-(\d+))?(?:\/(tcp|udp))?$/.exec(text);
  if (match === null) return undefined;
  const [, ip = '0.0.0.0', node, nodeLast = node, container, containerLast = container, protocol] = match;
  const count = Number(nodeLast) - Number(node) + 1;
  if (count < 1 || count > MOST_PORTS || Number(containerLast) - Number(container) + 1 !== count) return undefined;
  return Array.from({ length: count }, (_, step) => ({
    ip: ip.replace(/^\[(.*)\]$/, '$1'), nodePort: Number(node) + step, containerPort: Number(container) + step, protocol: protocol === 'udp' ? 'udp' : 'tcp',
  }));
}

export interface Link {
  readonly name: string;
  readonly alias?: string;
}

/** `[stack/]service[:alias]`. */
export function linkOf(link: string | { readonly name: string; readonly alias?: string }): Link {
  if (typeof link !== 'string') return link;
  const colon = link.indexOf(':');
  return colon === -1 ? { name: link } : { name: link.slice(0, colon), alias: link.slice(colon + 1) };
}

export interface Mount {
  /** Path on the node or name of a volume; absent when anonymous. */
  readonly source?: string;
  readonly path: string;
  readonly flags: readonly string[];
}

/** `/path`, `/on/node:/path[:flags]` or `name:/path[:flags]`. Undefined when it is none. */
export function mountOf(text: string): Mount | undefined {
  const [first = '', second, third, ...rest] = text.split(':');
  if (rest.length > 0) return undefined;
  if (second === undefined) return first.startsWith('/') ? { path: first, flags: [] } : undefined;
  if (!second.startsWith('/') || first === '') return undefined;
  return { source: first, path: second, flags: third === undefined || third === '' ? [] : third.split(',') };
}

/** `NAME=value` or `NAME` as its two parts. */
export function assignmentOf(text: string): readonly [name: string, value: string] {
  const at = text.indexOf('=');
  return at === -1 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)];
}

type Assignments = readonly string[] | Readonly<Record<string, string | number | boolean | null>>;

/** A list of `NAME=value`, or a map, as a list. */
export const assignmentList = (given: Assignments): readonly string[] =>
  isWords(given) ? given : Object.entries(given).map(([name, value]) => `${name}=${value ?? ''}`);

const isWords = (given: Assignments): given is readonly string[] => Array.isArray(given);
