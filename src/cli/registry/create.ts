import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { KontenaError, messageOf, REGISTRY_STACK, REGISTRY_USER, registryHost } from '../../model/index.js';
import { followCertificate } from '../certificates.js';
import { collect } from '../collect.js';
import type { OpenGrid, Run } from '../run.js';
import { InstalledStacks, installStack } from '../stacks/index.js';
import { checkStorage, type Storage } from './storage.js';

export interface RegistryWish {
  /** Where its disk is; any node when undefined. */
  readonly node: string | undefined;
  readonly image: string | undefined;
  /** The disk of its node when undefined. */
  readonly storage: Storage | undefined;
  readonly timeoutMs: number;
}

/** With images elsewhere, as many serve as there are nodes, up to this. */
const MOST_INSTANCES = 2;

/** Installs the registry of a grid, or says why not before anything is made. Returns the exit code. @throws KontenaError */
export async function createRegistry(run: Run, wish: RegistryWish): Promise<number> {
  const open = await run.master();
  const nodes = await checkPlace(open, wish.node);
  if (wish.storage !== undefined) await checkStorage(wish.storage);
  const host = registryHost(open.grid);
  const password = randomBytes(24).toString('base64url');
  const isRequestedHere = await certify(run, open, host, wish.timeoutMs);
  try {
    const values = { ...valuesOf(wish, nodes), host, password, htpasswd: await htpasswd(password) };
    const code = await installStack(run, {
      wish: { source: join(run.host.programs, 'stacks', REGISTRY_STACK, 'kontena.yml'), name: REGISTRY_STACK, values },
      flags: { wait: true, deploy: true, timeout: wish.timeoutMs, 'skip-dependencies': false }, installed: new InstalledStacks(run), isDry: false, isJson: false,
    });
    if (code === 0) run.print(`The registry of grid ${open.grid} is ${host}; images of it are called ${REGISTRY_STACK}/NAME in stack files.`);
    return code;
  } catch (error) {
    if (isRequestedHere) await open.control.resources.remove(open.grid, 'certificate', host).catch((left: unknown) => run.note(`certificate/${host} stays: ${messageOf(left)}`));
    throw error;
  }
}

/** Names of the nodes that are there. @throws KontenaError KON_CONFLICT where there is a registry already, or the node is silent; KON_NOT_FOUND */
async function checkPlace({ control, grid }: OpenGrid, node: string | undefined): Promise<readonly string[]> {
  const stacks = await collect(control.resources.list({ grid, kind: 'stack' }));
  if (stacks.some(({ name }) => name === REGISTRY_STACK)) throw new KontenaError('KON_CONFLICT', `grid ${grid} has a stack ${REGISTRY_STACK} already: \`kontenactl registry list\` shows what is in it, \`kontenactl registry remove\` takes it away`);
  const nodes = await collect(control.resources.list({ grid, kind: 'node', ...(node === undefined ? {} : { name: node }) }));
  const online = nodes.filter(({ status }) => status.phase === 'online').map(({ name }) => name);
  if (online.length === 0) throw new KontenaError('KON_CONFLICT', node === undefined ? `no node of grid ${grid} is connected: nothing could run the registry` : `node ${node} is not connected`);
  return online;
}

/** A line that the registry checks the password with; it takes no other digest than bcrypt. */
async function htpasswd(password: string): Promise<string> {
  const { hash } = await import('bcryptjs');
  return `${REGISTRY_USER}:${await hash(password, 10)}`;
}

/** Has the master's own authority certify the registry. @returns whether nobody had asked before */
async function certify(run: Run, { control, grid }: OpenGrid, host: string, timeoutMs: number): Promise<boolean> {
  const { isChanged } = await control.vault.requestCertificate(grid, { names: [host], directory: 'master' });
  const look = `${run.config.bin} describe certificate ${host}`;
  const code = await followCertificate({ host: run.host, control, grid, name: host, timeoutMs, look, print: (line) => run.print(line), note: (line) => run.note(line) });
  if (code !== 0) throw new KontenaError('KON_TIMEOUT', `there is no certificate of ${host} yet, so that the registry was not made`);
  return isChanged;
}

function valuesOf({ node, image, storage }: RegistryWish, nodes: readonly string[]): Readonly<Record<string, string>> {
  return {
    ...(node === undefined ? {} : { node }), ...(image === undefined ? {} : { image }),
    ...(storage === undefined ? {} : { storage: storage.kind, instances: String(Math.min(nodes.length, MOST_INSTANCES)), ...valuesOfStorage(storage) }),
  };
}

function valuesOfStorage(storage: Storage): Readonly<Record<string, string>> {
  if (storage.kind === 'azure') return { account: storage.account, container: storage.container, account_key: storage.accountKey };
  const { bucket, region, endpoint, accessKey, secretKey, isEncrypted } = storage;
  return { bucket, region, access_key: accessKey, secret_key: secretKey, encrypt: String(isEncrypted), ...(endpoint === undefined ? {} : { endpoint }) };
}
