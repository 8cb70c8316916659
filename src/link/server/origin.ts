import { isIPv6 } from 'node:net';

/** IPv4 inside IPv6, as a socket of both kinds tells it. */
const MAPPED = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i;

/** Whom an address belongs to, as far as it tells: an IPv4 address is one machine, of IPv6 everyone has 2^64. */
export function originOf(address: string | undefined): string {
  const plain = MAPPED.exec(address ?? '')?.[1] ?? address ?? 'unknown';
  if (!isIPv6(plain)) return plain;
  const [before = '', after] = (plain.split('%')[0] ?? '').split('::');
  const head = before.split(':').filter((group) => group !== '');
  const tail = (after ?? '').split(':').filter((group) => group !== '');
  const zeros = after === undefined ? 0 : Math.max(8 - head.length - tail.length, 0);
  const groups = [...head, ...Array<string>(zeros).fill('0'), ...tail];
  return `${groups.slice(0, 4).map((group) => Number.parseInt(group, 16).toString(16)).join(':')}::/64`;
}
