import { X509Certificate } from 'node:crypto';
import { access, chmod, rename, rm, stat, writeFile } from 'node:fs/promises';
import { codeOf, KontenaError, messageOf } from '../../model/index.js';
import { type Place, readContexts, writeContexts } from './file.js';
import { type Chosen, type Credential, readCredential } from './resolve.js';

/** What a master gives: whom to trust, and who asks. PEM texts. */
type Papers = Pick<Credential, 'ca' | 'certificate' | 'key'>;

/** @throws KontenaError KON_FILE_EXISTS: what is there may be somebody's only way in */
export async function requireNoFile(path: string): Promise<void> {
  const isThere = await access(path).then(() => true, (error: unknown) => codeOf(error) !== 'ENOENT');
  if (isThere) throw new KontenaError('KON_FILE_EXISTS', `${path} is there already`);
}

/** Writes a credential file, readable by its owner alone. It is replaced whole. @throws KontenaError KON_FILE_UNREADABLE */
export async function writeCredential(path: string, content: Papers & { readonly server: string; readonly grid?: string }): Promise<void> {
  try {
    const scratch = `${path}.${String(process.pid)}`;
    await writeFile(scratch, `${JSON.stringify(content, null, 2)}\n`, { mode: 0o600 });
    await chmod(scratch, 0o600);
    await rename(scratch, path);
  } catch (error) {
    throw new KontenaError('KON_FILE_UNREADABLE', `the credential cannot be written to ${path}: ${messageOf(error)}`, { cause: error });
  }
}

/** A lock so old was left by a process that died. */
const LOCK_STALE_MS = 60_000;

/**
 * Renews the credential of a context where it lies: in the file that the context names, or in the context. Of processes that
 * do so at once one does, because only the newest key counts; the others go on with what they have.
 *
 * @returns what was given, or undefined when another process renews it
 * @throws KontenaError KON_INVALID for a token, which stays as it is; KON_FILE_UNREADABLE, before anything is asked for, when it cannot be written there; what `ask` throws
 */
export async function renewWhereItLies<T extends Papers>(place: Place, chosen: Chosen, ask: () => Promise<T>): Promise<T | undefined> {
  const { credential } = chosen;
  if ('token' in credential) throw new KontenaError('KON_INVALID', 'a token is not renewed: make another with `kontenactl token create --role`');
  const lock = `${chosen.file ?? (await readContexts(place)).path}.renewing`;
  if (!(await lockFile(lock))) return undefined;
  try {
    if ((await readAgain(place, chosen)) !== credential.certificate) return undefined;
    const given = await ask();
    await keep(place, chosen, given);
    return given;
  } finally {
    await rm(lock, { force: true });
  }
}

async function lockFile(path: string): Promise<boolean> {
  const age = await stat(path).then(({ mtimeMs }) => Date.now() - mtimeMs, () => 0);
  if (age > LOCK_STALE_MS) await rm(path, { force: true });
  try {
    await writeFile(path, '', { flag: 'wx', mode: 0o600 });
    return true;
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
    throw new KontenaError('KON_FILE_UNREADABLE', `the credential cannot be renewed where it lies: ${path} cannot be written: ${messageOf(error)}`, { cause: error });
  }
}

/** The certificate as it lies there now. */
async function readAgain(place: Place, { name, file }: Chosen): Promise<string | undefined> {
  const context = file === undefined ? (await readContexts(place)).contexts.find((one) => one.name === name) : { name, credential: file };
  return context === undefined ? undefined : (await readCredential(context)).credential.certificate;
}

async function keep(place: Place, { name, file, credential: { server }, grid }: Chosen, { ca, certificate, key }: Papers): Promise<void> {
  if (file !== undefined) {
    await writeCredential(file, { server, grid, ca, certificate, key });
    return;
  }
  const contexts = await readContexts(place);
  await writeContexts({ ...contexts, contexts: contexts.contexts.map((context) => (context.name === name ? { ...context, ca, certificate, key } : context)) });
}

/** Renewed when a third of its life is left, like those of agents. */
const RENEW_AT_SHARE = 1 / 3;

/** Whether a certificate is to be renewed by now; one that cannot be read is not. */
export function isDue(certificate: string, nowMs: number): boolean {
  try {
    const { validFrom, validTo } = new X509Certificate(certificate);
    const [from, to] = [Date.parse(validFrom), Date.parse(validTo)];
    return (to - nowMs) / (to - from) < RENEW_AT_SHARE;
  } catch {
    return false;
  }
}
