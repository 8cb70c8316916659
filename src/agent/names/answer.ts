import { type Endpoint, hasAddress, type NamesSection, parseAddress, parseInstance, parseService, type Subnet } from '../../model/index.js';
import type { NameAnswer, NameQuestion, NameRecord } from '../../ports/index.js';
import { DOMAIN, type NameIndex, namesOf } from './name-index.js';

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

/** Under which aliases of links are looked for: `redis.web.todo.links.GRID.kontena.local`. */
const LINKS = 'links';
const REVERSE = '.in-addr.arpa';
const PORT = /^_(\d{1,5})\._(tcp|udp)\.(.+)$/;
const SLOT = /^(.+)-(\d+)$/;

/** Decides what a question is answered with: what is of the grid by its endpoints, all else elsewhere. */
export function answer({ name: asked, type }: NameQuestion, context: NameContext): NameAnswer {
  const name = asked.toLowerCase().replace(/\.$/, '');
  if (name.endsWith(REVERSE)) return type === 'PTR' ? whoseAddress(asked, name, context) : reverseElsewhere(name, context);
  if (name !== DOMAIN && !name.endsWith(`.${DOMAIN}`)) return name.includes('.') || !ADDRESSES.has(type) ? ELSEWHERE : UNKNOWN;
  const port = PORT.exec(name);
  if (port === null) return addressesOf({ name: asked, type }, withoutAlias(name, context), context);
  return type === 'SRV' ? service(asked, { port: Number(port[1]), protocol: port[2] ?? '', name: port[3] ?? '' }, context) : NONE;
}

function addressesOf({ name: asked, type }: NameQuestion, meant: string, context: NameContext): NameAnswer {
  if (!context.index.exists(meant)) return UNKNOWN;
  const serving = type === 'A' ? shuffled(context.index.behind(meant).filter(({ serves }) => serves), context.chance) : [];
  const addresses = new Set(serving.map(({ address }) => address));
  return serving.length === 0 ? NONE : { kind: 'records', records: [...addresses].map((address) => ({ type: 'A', name: asked, address })), besides: [] };
}

/** Of a name without a dot, nobody but us is asked for an address. */
const ADDRESSES: ReadonlySet<string> = new Set(['A', 'AAAA']);

/** What a name is of: the instances behind it, and why each of them is or is not in the answer. */
export const behind = (asked: string, context: NameContext): readonly Endpoint[] => context.index.behind(withoutAlias(asked.toLowerCase().replace(/\.$/, ''), context));

/** The name of the service that an alias means; any other name as it is. */
function withoutAlias(name: string, { grid, links }: NameContext): string {
  const end = `.${LINKS}.${grid}.${DOMAIN}`.toLowerCase();
  if (!name.endsWith(end)) return name;
  const [alias = '', service = '', stack = '', ...more] = name.slice(0, -end.length).split('.');
  if (more.length > 0) return name;
  const aliases = Object.entries(links[`${stack}/${service}`] ?? {});
  const [word, slot] = aliases.some(([known]) => known.toLowerCase() === alias) ? [alias, ''] : partsOf(alias);
  const linked = parseService(aliases.find(([known]) => known.toLowerCase() === word)?.[1] ?? '');
  return linked === undefined ? name : `${linked.service}${slot}.${linked.stack}.${grid}.${DOMAIN}`.toLowerCase();
}

/** `redis-2` → `redis`, `-2`. */
function partsOf(alias: string): readonly [string, string] {
  const match = SLOT.exec(alias);
  return match === null ? [alias, ''] : [match[1] ?? '', `-${match[2] ?? ''}`];
}

/** Where a port of a service is: an instance each, with its address beside it. */
function service(asked: string, wanted: { readonly port: number; readonly protocol: string; readonly name: string }, context: NameContext): NameAnswer {
  const { port, protocol } = wanted;
  const meant = withoutAlias(wanted.name, context);
  if (!context.index.exists(meant)) return UNKNOWN;
  const has = ({ ports }: Endpoint): boolean => ports === undefined || ports.some((one) => one.port === port && one.protocol === protocol);
  const serving = shuffled(context.index.behind(meant).filter((row) => row.serves && has(row)), context.chance);
  if (serving.length === 0) return NONE;
  const besides: NameRecord[] = [];
  const records = serving.map((row): NameRecord => {
    const target = ownName(row, context.grid);
    besides.push({ type: 'A', name: target, address: row.address });
    return { type: 'SRV', name: asked, target, port };
  });
  return { kind: 'records', records, besides };
}

function whoseAddress(asked: string, name: string, context: NameContext): NameAnswer {
  const address = addressOf(name);
  if (!isOurs(address, context)) return ELSEWHERE;
  const rows = context.index.at(address ?? '');
  return rows.length === 0 ? UNKNOWN : { kind: 'records', records: rows.map((row) => ({ type: 'PTR', name: asked, target: ownName(row, context.grid) })), besides: [] };
}

const reverseElsewhere = (name: string, context: NameContext): NameAnswer => (isOurs(addressOf(name), context) ? NONE : ELSEWHERE);

function isOurs(address: string | undefined, { subnet }: NameContext): boolean {
  const number = address === undefined ? undefined : parseAddress(address);
  return number !== undefined && subnet !== undefined && hasAddress(subnet, number);
}

/** `10.81.1.2` of `2.1.81.10.in-addr.arpa`. */
function addressOf(name: string): string | undefined {
  const parts = name.slice(0, -REVERSE.length).split('.');
  return parts.length === 4 ? parts.reverse().join('.') : undefined;
}

/** `web-2.todo.GRID.kontena.local`: the one name that is this instance's alone. */
function ownName(row: Endpoint, grid: string): string {
  const id = parseInstance(row.instance);
  return namesOf(row, grid)[1] ?? id?.service ?? row.instance;
}

/** Fisher and Yates: every order is as likely as any other. */
function shuffled(rows: readonly Endpoint[], chance: () => number): readonly Endpoint[] {
  const mixed = [...rows];
  for (let last = mixed.length - 1; last > 0; last -= 1) {
    const other = Math.floor(chance() * (last + 1));
    [mixed[last], mixed[other]] = [mixed[other] as Endpoint, mixed[last] as Endpoint];
  }
  return mixed;
}
