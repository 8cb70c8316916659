import { join } from 'node:path';
import { KontenaError, messageOf } from '../../model/index.js';
import { readText, writeText } from '../pki/index.js';

export const AGENT_FILE = 'agent.pem';
export const AUTHORITIES_FILE = 'ca.crt';
const MEMBERSHIP_FILE = 'agent.json';

/** Which node of which cluster this machine is. */
export interface Membership {
  readonly cluster: string;
  readonly grid: string;
  readonly node: string;
  /** The id of the token it joined with. */
  readonly token: string;
}

export const writeMembership = (pkiDirectory: string, membership: Membership): Promise<void> =>
  writeText(join(pkiDirectory, MEMBERSHIP_FILE), `${JSON.stringify(membership)}\n`);

/** What this machine joined. @throws KON_FILE_UNREADABLE when it has not */
export async function readMembership(pkiDirectory: string): Promise<Membership> {
  const path = join(pkiDirectory, MEMBERSHIP_FILE);
  const text = await readText(path);
  if (text === undefined) throw new KontenaError('KON_FILE_UNREADABLE', `${pkiDirectory} holds no membership: this machine has not joined a cluster`);
  try {
    const { cluster, grid, node, token } = JSON.parse(text) as Membership;
    return { cluster, grid, node, token };
  } catch (error) {
    throw new KontenaError('KON_FILE_UNREADABLE', `${path} does not say which node this is: ${messageOf(error)}`, { cause: error });
  }
}
