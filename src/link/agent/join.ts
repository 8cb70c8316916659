import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { credentials } from '@grpc/grpc-js';
import { moveWhole } from '../../files/index.js';
import { isName, KontenaError, type Millis } from '../../model/index.js';
import { authorityOf } from '../client/authority-of.js';
import { MasterChannel } from '../client/call.js';
import { NodeLinkService } from '../gen/kontena/v1/node.js';
import { certificateRequest, makeDirectory, newKey, readText, writeIdentity, writeText } from '../pki/index.js';
import { AGENT_FILE, AUTHORITIES_FILE, type Membership, writeMembership } from './membership.js';

const CONNECT_LIMIT_MS: Millis = 5_000;
/** Beside the directory that is to be, where the first certificate is awaited. */
const KEY_FILE = 'agent.key';

export interface JoinOptions {
  /** HOST:PORT. */
  readonly master: string;
  /** `<id>.<secret>.<fingerprint of the CA>`. */
  readonly token: string;
  readonly name: string;
  readonly labels: readonly string[];
  /** Where the agent's key and certificate are kept. What is there is replaced, and only when all else is done. */
  readonly pkiDirectory: string;
}

/**
 * Makes this machine a node. The token goes only to a master whose CA has the fingerprint that the token carries.
 *
 * @throws KON_TOKEN_INVALID, KON_CERTIFICATE_UNTRUSTED, KON_NODE_NAME_TAKEN, KON_MASTER_UNREACHABLE, KON_INVALID
 */
export async function joinCluster({ master, token, name, labels, pkiDirectory }: JoinOptions): Promise<Membership> {
  if (!isName(name)) throw new KontenaError('KON_INVALID', `"${name}" cannot name a node: letters, digits, - and _, at most 63 characters`);
  const [id, secret, fingerprint] = token.trim().split('.');
  if (id === undefined || secret === undefined || fingerprint === undefined) {
    throw new KontenaError('KON_TOKEN_INVALID', 'this is not a whole join token: it has three parts, separated by dots');
  }
  const authority = await authorityOf(master, fingerprint, CONNECT_LIMIT_MS);
  const scratch = `${pkiDirectory}.joining`;
  const key = await keyIn(scratch);
  const channel = new MasterChannel(master, credentials.createSsl(Buffer.from(authority)), CONNECT_LIMIT_MS);
  try {
    const joined = await channel.ask(NodeLinkService.join, {
      token: `${id}.${secret}`,
      name,
      labels: [...labels],
      certificateRequest: await certificateRequest(name, key),
    });
    const membership = { cluster: joined.cluster, grid: joined.grid, node: joined.node, token: id };
    await writeText(join(scratch, AUTHORITIES_FILE), joined.authorities);
    await writeIdentity(join(scratch, AGENT_FILE), { certificate: joined.certificate, key });
    await writeMembership(scratch, membership);
    await rm(join(scratch, KEY_FILE), { force: true });
    await rm(pkiDirectory, { recursive: true, force: true });
    await moveWhole(scratch, pkiDirectory);
    return membership;
  } finally {
    channel.close();
  }
}

/** The key to join with: kept until that is done, because a master whose answer was lost knows this machine by it. */
async function keyIn(directory: string): Promise<string> {
  const path = join(directory, KEY_FILE);
  const kept = await readText(path);
  if (kept !== undefined) return kept;
  const key = await newKey();
  await makeDirectory(directory);
  await writeText(path, key);
  return key;
}
