import { type ChannelCredentials, credentials, Metadata } from '@grpc/grpc-js';
import { KontenaError, messageOf, type Millis } from '../../model/index.js';
import type { Control } from '../../ports/index.js';
import { authorityOf } from './authority-of.js';
import { MasterChannel } from './call.js';
import { remoteControl } from './calls/index.js';

/** How to reach a master, and as whom. Certificates and key are PEM. */
export interface Credential {
  /** HOST:PORT. */
  readonly server: string;
  readonly ca: string;
  readonly certificate: string;
  readonly key: string;
}

/** How a program reaches a master that has a token: `<id>.<secret>.<fingerprint of the CA>`. */
export interface RobotToken {
  /** HOST:PORT. */
  readonly server: string;
  readonly token: string;
}

export type Connected = Control & { close(): void };

/**
 * The master as its clients see it. Connects with the first call.
 *
 * @param options timeoutMs: how long the master may take to accept the connection
 * @throws KON_CONTEXT_INVALID when the credential is none
 * @throws (from each call) KON_MASTER_UNREACHABLE, KON_CERTIFICATE_UNTRUSTED, and whatever the master refuses with
 */
export function connect({ server, ca, certificate, key }: Credential, { timeoutMs }: { readonly timeoutMs: Millis }): Connected {
  const master = new MasterChannel(server, channelCredentials({ ca, certificate, key }, server), timeoutMs);
  return { ...remoteControl(master), close: () => master.close() };
}

function channelCredentials({ ca, certificate, key }: Omit<Credential, 'server'>, server: string): ChannelCredentials {
  try {
    return credentials.createSsl(Buffer.from(ca), Buffer.from(key), Buffer.from(certificate));
  } catch (error) {
    throw new KontenaError('KON_CONTEXT_INVALID', `the credential for ${server} cannot be used: its CA, certificate and key are not PEM texts that belong together (${messageOf(error)})`, { cause: error });
  }
}

/**
 * The same with a program's token. It goes only to a master whose CA has the fingerprint that the token carries.
 *
 * @throws KON_TOKEN_INVALID for what is no token, KON_CERTIFICATE_UNTRUSTED, KON_MASTER_UNREACHABLE
 */
export async function connectWithToken({ server, token }: RobotToken, { timeoutMs }: { readonly timeoutMs: Millis }): Promise<Connected> {
  const [id, secret, fingerprint] = token.trim().split('.');
  if (id === undefined || secret === undefined || fingerprint === undefined) throw new KontenaError('KON_TOKEN_INVALID', 'this is not a whole token: it has three parts, separated by dots');
  const authority = await authorityOf(server, fingerprint, timeoutMs);
  const shown = new Metadata();
  shown.set('authorization', `Bearer ${id}.${secret}`);
  const bearing = credentials.createFromMetadataGenerator((_options, give) => give(null, shown));
  const master = new MasterChannel(server, credentials.combineChannelCredentials(credentials.createSsl(Buffer.from(authority)), bearing), timeoutMs);
  return { ...remoteControl(master), close: () => master.close() };
}
