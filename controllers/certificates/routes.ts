import type { CertificateRequestBody, RenewalBody } from '../../src/model/index.js';
import type { View } from '../../src/ports/index.js';

/** What routes ask for by `tls: auto`, as if somebody had requested it: the first of those that serve the host says from whom. */
export function askedByRoute(host: string, before: RenewalBody | undefined, view: View): CertificateRequestBody | undefined {
  const asks = view.list('Route').find(({ body }) => body.asks?.hosts.includes(host) === true)?.body.asks;
  if (asks === undefined) return undefined;
  const { directory, email } = asks;
  return { names: [host], challenge: 'http-01', directory, answerOn: [], ...(email === undefined ? {} : { email }), asked: before?.order?.asked ?? 0, lot: lotOf(host) };
}

const PRIME = 16_777_619;

/** From 0 to 1, and always the same for a name: nobody is there to draw one. The hash is FNV-1a. */
function lotOf(name: string): number {
  let hash = 2_166_136_261;
  for (const character of name) hash = Math.imul(hash ^ (character.codePointAt(0) ?? 0), PRIME) >>> 0;
  return hash / 2 ** 32;
}
