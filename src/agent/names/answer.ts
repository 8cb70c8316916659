import { DOMAIN, type Endpoint, hasAddress, type NamesSection, parseAddress, type Subnet } from '../../model/index.js';
import type { NameAnswer, NameQuestion, NameRecord } from '../../ports/index.js';
import { isAboveAliases, type Linked, linkedBy } from './aliases.js';
import type { NameIndex } from './name-index.js';

export interface NameContext {
  readonly index: NameIndex;
  readonly grid: string;
  /** Of the grid; undefined while it is not known. */
  readonly subnet: Subnet | undefined;
  readonly links: NamesSection['links'];
  /** From 0 up to 1. */
  readonly chance: () => number;
}

const NONE: NameAnswer = { kind: 'none' };
const UNKNOWN: NameAnswer = { kind: 'unknown' };
const ELSEWHERE: NameAnswer = { kind: 'elsewhere' };

const REVERSE = '.in-addr.arpa';
const PORT = /^(?:_(\d{1,5})\.)?_(tcp|udp)\.(.+)$/;
/** Of a name without a dot, nobody but us is asked for an address. */
const ADDRESSES: ReadonlySet<string> = new Set(['A', 'AAAA']);
const HIGHEST_PORT = 65_535;
/** More of them are no help to anyone, and cost time. */
const MOST_ANSWERS = 500;

/** Decides what a question is answered with: what is of the grid by its endpoints, all else elsewhere. */
export function answer({ name: asked, type }: NameQuestion, context: NameContext): NameAnswer {
  const name = plain(asked);
  if (name.endsWith(REVERSE)) return whoseAddress(asked, type, context);
  if (!isOfDomain(name)) return name.includes('.') || !ADDRESSES.has(type) ? ELSEWHERE : UNKNOWN;
  const port = portIn(name);
  const meant = meaning(port?.of ?? name, context);
  if (!meant.isKnown) return UNKNOWN;
  if (port !== undefined) return type === 'SRV' && isPort(port.number) ? portOf(asked, { port: port.number, protocol: port.protocol }, meant.rows, context) : NONE;
  return type === 'A' ? addressesOf(asked, meant.rows, context) : NONE;
}

/** `_8080._tcp.web.todo…`, and `_tcp.web.todo…`, in which such names end. */
function portIn(name: string): { readonly number: number | undefined; readonly protocol: string; readonly of: string } | undefined {
  const [, number, protocol = '', of] = PORT.exec(name) ?? [];
  return of === undefined ? undefined : { number: number === undefined ? undefined : Number(number), protocol, of };
}

/** Whether it is one: whoever asks may write any number. */
const isPort = (number: number | undefined): number is number => number !== undefined && number > 0 && number <= HIGHEST_PORT;

/** In small letters, without the dot at its end. */
export const plain = (name: string): string => name.toLowerCase().replace(/\.$/, '');

export const isOfDomain = (name: string): boolean => name === DOMAIN || name.endsWith(`.${DOMAIN}`);

export interface Meaning {
  /** Whether there is such a name, or one that ends in it. */
  readonly isKnown: boolean;
  /** All behind it, whether or not they serve. */
  readonly rows: readonly Endpoint[];
  readonly linked: Linked | undefined;
}

/** What a name of the grid stands for. An alias is known also while nothing is behind it. */
export function meaning(name: string, { index, grid, links }: NameContext): Meaning {
  const linked = linkedBy(name, grid, links);
  const rows = index.behind(linked?.name ?? name);
  return { isKnown: linked !== undefined || rows.length > 0 || index.exists(name) || isAboveAliases(name, grid, links), rows, linked };
}

function addressesOf(asked: string, rows: readonly Endpoint[], { chance }: NameContext): NameAnswer {
  const addresses = new Set(rows.flatMap(({ serves, address }) => (serves ? [address] : [])));
  if (addresses.size === 0) return NONE;
  return { kind: 'records', records: shuffled([...addresses], chance).map((address) => ({ type: 'A', name: asked, address })), besides: [] };
}

/** Where a port of a service is: an instance each, with its address beside it. */
function portOf(asked: string, { port, protocol }: { readonly port: number; readonly protocol: string }, rows: readonly Endpoint[], { index, chance }: NameContext): NameAnswer {
  const has = ({ ports }: Endpoint): boolean => ports === undefined || ports.some((one) => one.port === port && one.protocol === protocol);
  const serving = shuffled(rows.filter((row) => row.serves && has(row)), chance);
  if (serving.length === 0) return NONE;
  return {
    kind: 'records',
    records: named(serving, index).map((target): NameRecord => ({ type: 'SRV', name: asked, target, port })),
    besides: serving.map((row): NameRecord => ({ type: 'A', name: index.nameOf(row), address: row.address })),
  };
}

/** The names of instances, each once. */
const named = (rows: readonly Endpoint[], index: NameIndex): readonly string[] => [...new Set(rows.map((row) => index.nameOf(row)))];

/** Of an address outside of the grid others know more. */
function whoseAddress(asked: string, type: string, { index, subnet }: NameContext): NameAnswer {
  const address = addressIn(plain(asked));
  const number = address === undefined ? undefined : parseAddress(address);
  if (address === undefined || number === undefined || subnet === undefined || !hasAddress(subnet, number)) return ELSEWHERE;
  const rows = index.at(address);
  if (rows.length === 0) return UNKNOWN;
  return type === 'PTR' ? { kind: 'records', records: named(rows, index).map((target) => ({ type: 'PTR', name: asked, target })), besides: [] } : NONE;
}

/** `10.81.1.2` of `2.1.81.10.in-addr.arpa`. */
export function addressIn(name: string): string | undefined {
  const parts = name.endsWith(REVERSE) ? name.slice(0, -REVERSE.length).split('.') : [];
  return parts.length === 4 ? parts.reverse().join('.') : undefined;
}

/** Fisher and Yates: every order is as likely as any other, and of too many, every choice. */
function shuffled<T>(all: readonly T[], chance: () => number): readonly T[] {
  const mixed = [...all];
  const count = Math.min(mixed.length, MOST_ANSWERS);
  for (let at = 0; at < count; at += 1) {
    const other = at + Math.floor(chance() * (mixed.length - at));
    [mixed[at], mixed[other]] = [mixed[other] as T, mixed[at] as T];
  }
  return mixed.slice(0, count);
}
