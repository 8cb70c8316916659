import { affinityMistake, hostPortText, type GridBody, KontenaError, requireHostPort } from '../model/index.js';
import type { GridChange } from '../ports/index.js';

/** Of statsd by custom. */
const STATSD_PORT = 8125;

/** What is declared of a grid, with what people have decided of it since. @throws KontenaError KON_INVALID */
export function withChange({ statsd: before, ...body }: GridBody, change: GridChange): GridBody {
  const statsd = change.statsd === undefined ? before : addressOr(change.statsd, STATSD_PORT);
  const { defaultAffinity = body.defaultAffinity } = change;
  requireAffinity(defaultAffinity);
  return { ...body, defaultAffinity, ...(statsd === undefined ? {} : { statsd }) };
}

/** `host:port`, whole; nothing where nothing is written. */
const addressOr = (text: string, port: number): string | undefined => (text === '' ? undefined : hostPortText(requireHostPort(text, port)));

function requireAffinity(rules: readonly string[]): void {
  const mistake = rules.map(affinityMistake).find((one) => one !== undefined);
  if (mistake !== undefined) throw new KontenaError('KON_INVALID', `the affinity ${mistake}`);
}
