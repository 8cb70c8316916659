import { KontenaError } from '../../model/index.js';
import type { Run } from '../run.js';

/** The authorities of the master, PEM, which certify the registry. @throws KontenaError KON_CONTEXT_INVALID with a token, which names them by a digest alone */
export async function authorityOf(run: Run): Promise<string> {
  const { credential } = await run.chosen();
  if ('ca' in credential) return credential.ca;
  throw new KontenaError('KON_CONTEXT_INVALID', 'a token does not hold the authority of the master, by which the registry is known: use a credential');
}
