import { spawn } from 'node:child_process';
import { mkdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { replaceFile } from '../../files/index.js';
import { codeOf, KontenaError, messageOf } from '../../model/index.js';
import type { Host } from '../host.js';

interface Login {
  readonly registry: string;
  readonly user: string;
  readonly password: string;
}

interface Settings {
  readonly auths?: Readonly<Record<string, unknown>>;
  readonly credsStore?: string;
  readonly credHelpers?: Readonly<Record<string, string>>;
}

/** Lets docker on this machine know a password, where it looks for it itself: in its credential helper, else in its file. @returns where that is */
export async function keepForDocker(host: Host, login: Login): Promise<string> {
  const path = join(host.env['DOCKER_CONFIG'] ?? join(host.home, '.docker'), 'config.json');
  const settings = await readSettings(path);
  const helper = settings.credHelpers?.[login.registry] ?? settings.credsStore ?? '';
  if (helper !== '') {
    await tellHelper(`docker-credential-${helper}`, login);
    return `the credential helper ${helper}`;
  }
  const auth = Buffer.from(`${login.user}:${login.password}`).toString('base64');
  await mkdir(dirname(path), { recursive: true });
  await replaceFile(path, `${JSON.stringify({ ...settings, auths: { ...settings.auths, [login.registry]: { auth } } }, null, '\t')}\n`);
  return path;
}

async function readSettings(path: string): Promise<Settings> {
  try {
    return JSON.parse(await readFile(path, 'utf8')) as Settings;
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return {};
    throw new KontenaError('KON_FILE_UNREADABLE', `${path}, where docker keeps passwords, cannot be read: ${messageOf(error)}`, { cause: error });
  }
}

function tellHelper(program: string, { registry, user, password }: Login): Promise<void> {
  return new Promise((resolve, reject) => {
    const failed = (reason: string): void => reject(new KontenaError('KON_PROGRAM_MISSING', `${program}, which docker's config.json names, did not take the password: ${reason}`));
    const child = spawn(program, ['store'], { stdio: ['pipe', 'ignore', 'inherit'] });
    child.once('error', (error) => failed(error.message));
    child.once('close', (code) => (code === 0 ? resolve() : failed(`exit code ${String(code)}`)));
    child.stdin.on('error', () => undefined).end(JSON.stringify({ ServerURL: registry, Username: user, Secret: password }));
  });
}
