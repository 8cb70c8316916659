import type { Traffic } from '../model/index.js';

/**
 * Bytes over all interfaces that count.
 *
 * @param text as in `/proc/net/dev`: two headings, then `eth0: RECEIVED … SENT …`
 */
export function trafficIn(text: string, isCounted: (name: string) => boolean): Traffic {
  const total = { in: 0, out: 0 };
  for (const line of text.split('\n').slice(2)) {
    const colon = line.indexOf(':');
    if (colon < 0 || !isCounted(line.slice(0, colon).trim())) continue;
    const numbers = line.slice(colon + 1).trim().split(/\s+/);
    total.in += Number(numbers[RECEIVED]);
    total.out += Number(numbers[SENT]);
  }
  return total;
}

const RECEIVED = 0;
const SENT = 8;

export const isNotLoopback = (name: string): boolean => name !== 'lo';

/** Bridges, the engine's ends of cables into containers, and tunnels: what goes through them is counted where it enters or leaves the machine. */
const WITHIN = /^(lo$|ifb\d|docker|br-|veth|kb-|kw-|virbr|tap)/;

export const isToTheWorld = (name: string): boolean => !WITHIN.test(name);
