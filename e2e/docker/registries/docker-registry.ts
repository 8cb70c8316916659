import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { eventually, signal, start } from '../harness/index.js';

/** Someone whom the registry lets in, where it asks for passwords: the hash is bcrypt's of "secret". */
export const USER = { name: 'me', password: 'secret', htpasswd: 'me:$2b$05$ofPM2Smb7VMOBnxS7GgjmOMyyfE3ExmBH0NmgF3fr.CiuS7d4.mP6\n' };

interface Way {
  /** Sections of its configuration, as its documentation names them. */
  readonly auth?: Readonly<Record<string, unknown>>;
  readonly tls?: { readonly certificate: string; readonly key: string };
  /** Of this machine; its own alone when absent. */
  readonly address?: string;
}

export interface RunningRegistry {
  /** `127.0.0.1:4711`. */
  readonly host: string;
  readonly stop: () => void;
}

/** Debian's docker-registry on a port of this machine, its data in an empty folder. */
export async function startDockerRegistry(folder: string, { auth, tls, address = '127.0.0.1' }: Way = {}): Promise<RunningRegistry> {
  mkdirSync(folder, { recursive: true });
  const port = await freePort(address);
  const host = `${address}:${port}`;
  const config = { version: '0.1', storage: { filesystem: { rootdirectory: join(folder, 'data') } }, http: { addr: host, ...(tls === undefined ? {} : { tls }) }, ...(auth === undefined ? {} : { auth }), log: { level: 'error', accesslog: { disabled: true } } };
  writeFileSync(join(folder, 'config.yml'), JSON.stringify(config));
  const { pid } = start('docker-registry', ['serve', join(folder, 'config.yml')], join(folder, 'registry.log'));
  await eventually('the registry listens', () => isListening(port, address));
  return { host, stop: () => signal(pid, 'SIGTERM') };
}

/** What `docker login` would have written for a registry. */
export function logIn(dockerConfig: string, host: string, password = USER.password): void {
  mkdirSync(dockerConfig, { recursive: true });
  writeFileSync(join(dockerConfig, 'config.json'), JSON.stringify({ auths: { [host]: { auth: Buffer.from(`${USER.name}:${password}`).toString('base64') } } }));
}

export async function freePort(address = '127.0.0.1'): Promise<number> {
  const server = createServer();
  await new Promise<void>((done) => server.listen(0, address, done));
  const { port } = server.address() as AddressInfo;
  await new Promise<void>((done) => void server.close(() => done()));
  return port;
}

/** Whether something has bound a port of this machine: then nobody else can. */
export const isListening = (port: number, address = '127.0.0.1'): Promise<true | undefined> =>
  new Promise((resolve) => {
    const probe = createServer().once('error', () => resolve(true));
    probe.listen(port, address, () => void probe.close(() => resolve(undefined)));
  });
