import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { KontenaError, messageOf } from '../model/index.js';

/** `host:port`, `[::1]:9292` or `:9292` into its parts. @throws KontenaError KON_INVALID */
export function parseAddress(text: string): { readonly host: string; readonly port: number } {
  const match = /^(?:\[([^\]]+)\]|([^:]*)):(\d{1,5})$/.exec(text);
  const port = Number(match?.[3]);
  if (match === null || port > 65_535) throw new KontenaError('KON_INVALID', `"${text}" is not an address: write HOST:PORT, for example 0.0.0.0:9292`);
  return { host: match[1] ?? (match[2] === '' ? '0.0.0.0' : (match[2] as string)), port };
}

/** Before the name of a credential that systemd gives to its unit. */
const OF_SYSTEMD = 'systemd:';

/** The file of a secret: a path, or `systemd:NAME` for a credential of the unit. @throws KontenaError KON_INVALID where there are none */
export function secretFile(text: string, { CREDENTIALS_DIRECTORY: directory }: NodeJS.ProcessEnv): string {
  if (!text.startsWith(OF_SYSTEMD)) return text;
  if (directory === undefined) throw new KontenaError('KON_INVALID', `${text}: systemd gives this process no credentials; its unit needs LoadCredential= or LoadCredentialEncrypted=`);
  return join(directory, text.slice(OF_SYSTEMD.length));
}

/** The identities in files as `age-keygen` writes them: one a line, beside comments. @throws KontenaError KON_FILE_UNREADABLE */
export async function identitiesIn(files: readonly string[]): Promise<readonly string[]> {
  const texts = await Promise.all(files.map(async (file) => {
    try {
      return await readFile(file, 'utf8');
    } catch (error) {
      throw new KontenaError('KON_FILE_UNREADABLE', `the identity in ${file} cannot be read: ${messageOf(error)}`, { cause: error });
    }
  }));
  return texts.flatMap((text) => text.split(/\r?\n/).map((line) => line.trim()).filter((line) => line !== '' && !line.startsWith('#')));
}
