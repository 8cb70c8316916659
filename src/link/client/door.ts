import { generateKeyPairSync, sign } from 'node:crypto';
import { credentials } from '@grpc/grpc-js';
import { type Instant, KontenaError, type Millis } from '../../model/index.js';
import type { KeyProof } from '../../ports/index.js';
import { SignInService, type SignedIn } from '../gen/kontena/v1/sign_in.js';
import { type ShownAuthority, shownAuthorities } from './authority-of.js';
import { MasterChannel } from './call.js';

/** What somebody has who has signed in; PEM texts, the key made here. */
export interface Papers {
  readonly user: string;
  readonly ca: string;
  readonly certificate: string;
  readonly key: string;
  readonly endsAt: Instant;
}

/** A sign-in that goes on at the provider. */
export interface Begun {
  /** Where to go, */
  readonly url: string;
  /** and what to type there; empty where a browser goes. */
  readonly code: string;
  /** What came of it; undefined while nothing has. @param answer the address that the browser was sent back to @throws KON_SIGN_IN_REFUSED */
  readonly complete: (answer?: string) => Promise<Papers | undefined>;
}

/** A master, as who has no certificate yet sees it. Nothing is told to it before somebody has looked at its authority. */
export interface Door {
  readonly authority: ShownAuthority;
  /** @throws KON_SIGN_IN_REFUSED, KON_SIGN_IN_DELAYED, KON_BUSY, KON_MASTER_UNREACHABLE */
  ways(): Promise<readonly string[]>;
  /** At the provider, by a browser that comes back to `redirect`, or without one. @throws KON_NOT_FOUND where there is none, KON_PROVIDER_UNREACHABLE */
  begin(redirect?: string): Promise<Begun>;
  withPassword(who: { readonly user: string; readonly password: string }): Promise<Papers>;
}

/** @throws KON_MASTER_UNREACHABLE, KON_INVALID for what is no address */
export async function openDoor(server: string, { timeoutMs }: { readonly timeoutMs: Millis }): Promise<Door> {
  const authority = (await shownAuthorities(server, timeoutMs)).at(-1);
  if (authority === undefined) throw new KontenaError('KON_MASTER_UNREACHABLE', `no master answers at ${server}: it shows no certificate`);
  return {
    authority,
    ways: () => asking({ server, authority, timeoutMs }, async (master) => (await master.ask(SignInService.ways, {})).ways),
    begin: async (redirect = '') => {
      const { key, shown } = newKey();
      const { id, url, code } = await asking({ server, authority, timeoutMs }, (master) => master.ask(SignInService.begin, { redirect, key: shown }));
      const complete = async (answer = ''): Promise<Papers | undefined> => {
        const { session } = await asking({ server, authority, timeoutMs }, (master) => master.ask(SignInService.complete, { id, answer }));
        return session === undefined ? undefined : papersOf(session, key);
      };
      return { url, code, complete };
    },
    withPassword: async (who) => {
      const { key, shown } = newKey();
      return asking({ server, authority, timeoutMs }, async (master) => papersOf((await master.ask(SignInService.withPassword, { ...who, key: shown })).session, key));
    },
  };
}

async function asking<T>({ server, authority, timeoutMs }: { readonly server: string; readonly authority: ShownAuthority; readonly timeoutMs: Millis }, ask: (master: MasterChannel) => Promise<T>): Promise<T> {
  const master = new MasterChannel(server, credentials.createSsl(Buffer.from(authority.certificate)), timeoutMs);
  try {
    return await ask(master);
  } finally {
    master.close();
  }
}

/** P-256, with what is shown of it. */
function newKey(): { readonly key: string; readonly shown: { readonly publicKey: Buffer; readonly proof: Buffer } & KeyProof } {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const spki = publicKey.export({ type: 'spki', format: 'der' });
  return { key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(), shown: { publicKey: spki, proof: sign('sha256', spki, privateKey) } };
}

function papersOf(session: SignedIn | undefined, key: string): Papers {
  if (session === undefined) throw new KontenaError('KON_INTERNAL', 'the master let somebody in and gave no session');
  const { user, certificate, authorities: ca, endsAtMs } = session;
  return { user, ca, certificate, key, endsAt: endsAtMs as Instant };
}
