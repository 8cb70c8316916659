import { KontenaError } from './errors.js';

/** A part of the IPv4 space, `10.81.3.0/24`: its first address as a number, and how many leading bits all its addresses share. */
export interface Subnet {
  readonly first: number;
  /** 0 to 32. */
  readonly prefix: number;
}

const BITS = 32;
const OCTET = '(25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)';
const ADDRESS = new RegExp(`^${OCTET}\\.${OCTET}\\.${OCTET}\\.${OCTET}$`);

/** `10.81.3.1` as a number; undefined when it is no IPv4 address. */
export function parseAddress(text: string): number | undefined {
  const match = ADDRESS.exec(text);
  return match === null ? undefined : match.slice(1).reduce((sum, octet) => sum * 256 + Number(octet), 0);
}

/** A number as `10.81.3.1`. */
export const addressText = (address: number): string => [24, 16, 8, 0].map((shift) => Math.floor(address / 2 ** shift) % 256).join('.');

/** `10.81.3.0/24`, or one address alone, as tables of routes write it; undefined when it is no subnet, or begins in its middle. */
export function parseSubnet(text: string): Subnet | undefined {
  const read = readSubnet(text);
  return typeof read === 'string' ? undefined : read;
}

/** The subnet that a person wrote. @throws KontenaError KON_INVALID, with what is wrong with it */
export function requireSubnet(text: string): Subnet {
  const read = readSubnet(text);
  if (typeof read === 'string') throw new KontenaError('KON_INVALID', `"${text}" is not a subnet: ${read}`);
  return read;
}

/** The subnet, or what is wrong with it. */
function readSubnet(text: string): Subnet | string {
  const [address = '', bits = String(BITS), ...rest] = text.split('/');
  const first = parseAddress(address);
  if (first === undefined) return `"${address}" is not an IPv4 address; something like 10.82.0.0/16 is wanted`;
  if (rest.length > 0 || !/^\d{1,2}$/.test(bits) || Number(bits) > BITS) return `the number after its slash is 0 to ${BITS}, as in ${address}/16`;
  const subnet = { first, prefix: Number(bits) };
  const begin = first - (first % sizeOf(subnet));
  return begin === first ? subnet : `it begins at ${subnetText({ ...subnet, first: begin })}`;
}

/** `10.81.3.0/24`. */
export const subnetText = ({ first, prefix }: Subnet): string => `${addressText(first)}/${prefix}`;

/** How many addresses it has, its own and the broadcast address among them. */
export const sizeOf = ({ prefix }: Pick<Subnet, 'prefix'>): number => 2 ** (BITS - prefix);

const lastOf = (subnet: Subnet): number => subnet.first + sizeOf(subnet) - 1;

/** Whether all of `inner` is in `outer`. */
export const contains = (outer: Subnet, inner: Subnet): boolean => inner.first >= outer.first && lastOf(inner) <= lastOf(outer);

/** Whether an address is in it. */
export const hasAddress = (subnet: Subnet, address: number): boolean => address >= subnet.first && address <= lastOf(subnet);

/** Whether any address is in both. */
export const overlaps = (a: Subnet, b: Subnet): boolean => a.first <= lastOf(b) && b.first <= lastOf(a);

/** `10.81.3.7` is the address 7 of 10.81.3.0/24. @throws RangeError when it has no such address */
export function nthAddress(subnet: Subnet, n: number): string {
  if (!(n >= 0 && n < sizeOf(subnet))) throw new RangeError(`${subnetText(subnet)} has no address ${n}`);
  return addressText(subnet.first + n);
}

/** The gateway of a node's part: the address after the subnet's own. */
export const firstHost = (subnet: Subnet): string => nthAddress(subnet, 1);

/** How many parts of a prefix it has: 256 of /24 are in a /16, none of /8. */
export const countParts = (whole: Subnet, prefix: number): number => (prefix < whole.prefix ? 0 : 2 ** (prefix - whole.prefix));

/** The lowest part of a prefix that overlaps none of what is taken, anywhere; undefined when there is none. Costs a byte per part, and no sort. */
export function lowestFreePart(whole: Subnet, prefix: number, taken: Iterable<Subnet>): Subnet | undefined {
  const size = sizeOf({ prefix });
  const isTaken = new Uint8Array(countParts(whole, prefix));
  for (const other of taken) {
    if (!overlaps(whole, other)) continue;
    if (other.first < whole.first) return undefined; // one subnet is in the other, or they are apart
    const number = (other.first - whole.first) / size;
    const count = sizeOf(other) / size;
    isTaken.fill(1, number, number + (count < 1 ? 1 : count)); // fractions are dropped
  }
  const free = isTaken.indexOf(0);
  return free < 0 ? undefined : { first: whole.first + free * size, prefix };
}
