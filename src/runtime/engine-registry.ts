import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rm, rmdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { codeOf, KontenaError, messageOf } from '../model/index.js';
import type { EngineRegistry } from '../ports/index.js';

export interface EngineRegistryOptions {
  /** Whose files they are; several nodes may share a machine. */
  readonly owner: { readonly cluster: string; readonly grid: string; readonly node: string };
  /** Where the engine looks for authorities to trust, a folder for each registry: `/etc/docker/certs.d`. */
  readonly certificates: string;
  /** The machine's names: `/etc/hosts`. */
  readonly hosts: string;
  /** Of the cluster's authorities, PEM. */
  readonly authorities: () => Promise<string>;
}

/** Files that docker reads whenever it asks a registry, so that it need not be started again. */
export function engineRegistry({ owner, certificates, hosts, authorities }: EngineRegistryOptions): EngineRegistry {
  const mark = `# kontena-${createHash('sha256').update(JSON.stringify(owner)).digest('hex').slice(0, 8)}`;
  const file = `${mark.slice(2)}.crt`;

  /** The machine's names with these lines for ours; whether that is something else than before. */
  const setLines = async (lines: readonly string[]): Promise<boolean> => {
    const before = (await readIfThere(hosts)) ?? '';
    const others = before.split('\n').filter((line) => !line.endsWith(mark));
    const text = `${others.join('\n').replace(/\n*$/, '\n')}${lines.map((line) => `${line} ${mark}\n`).join('')}`;
    const isNews = before !== text && (lines.length > 0 || before.includes(mark));
    // In place: where the machine is itself a container, the file is mounted and cannot be replaced.
    if (isNews) await writeFile(hosts, text);
    return isNews;
  };

  /** Ours, in all folders but that of one host. @returns the hosts */
  const distrust = async (except?: string): Promise<readonly string[]> => {
    const gone: string[] = [];
    for (const host of await readdir(certificates).catch(() => [])) {
      const path = join(certificates, host, file);
      if (host === except || (await readIfThere(path)) === undefined) continue;
      await rm(path);
      await rmdir(dirname(path)).catch(() => undefined); // others may have files there
      gone.push(host);
    }
    return gone;
  };

  return {
    introduce: (host, addresses) => explained(async () => {
      const isThere = addresses.length > 0;
      if (isThere) await writeIfOther(join(certificates, host, file), await authorities());
      await distrust(isThere ? host : undefined);
      await setLines(addresses.map((address) => `${address} ${host}`));
    }),
    forget: () => explained(async () => {
      const trusted = await distrust();
      const isNews = await setLines([]);
      return [...trusted.map((host) => `trust in ${host}`), ...(isNews ? [`names in ${hosts}`] : [])];
    }),
  };
}

async function writeIfOther(path: string, text: string): Promise<void> {
  if ((await readIfThere(path)) === text) return;
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, text, { mode: 0o644 });
}

async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (codeOf(error) === 'ENOENT' || codeOf(error) === 'ENOTDIR') return undefined;
    throw error;
  }
}

async function explained<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw new KontenaError('KON_ENGINE_FILES', `the engine cannot be told of the grid's registry: ${messageOf(error)}`, { cause: error });
  }
}
