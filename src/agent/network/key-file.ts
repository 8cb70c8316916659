import { readFile } from 'node:fs/promises';
import { moveWhole, replaceFile } from '../../files/index.js';
import { codeOf, KontenaError } from '../../model/index.js';
import type { KeptKey, TunnelKeys } from '../../ports/index.js';

/** The key of a node's tunnels in a file that only root reads. One that is damaged is kept beside, as `.damaged`: a new key is soon known everywhere. */
export function tunnelKeyFile(file: string): TunnelKeys {
  return { load: () => load(file), save: (key) => replaceFile(file, JSON.stringify(key)) };
}

type Loaded = Awaited<ReturnType<TunnelKeys['load']>>;

async function load(file: string): Promise<Loaded> {
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw new KontenaError('KON_FILE_UNREADABLE', `cannot read the key of this node's tunnels from ${file}`, { cause: error });
  });
  if (text === undefined) return undefined;
  const key = parse(text);
  if (key === undefined) await moveWhole(file, `${file}.damaged`);
  return key;
}

const KEY = /^[A-Za-z0-9+/]{43}=$/;

function parse(text: string): Loaded {
  try {
    const { privateKey = '', publicKey = '', madeAt } = JSON.parse(text) as Partial<KeptKey>;
    if (!KEY.test(privateKey) || !KEY.test(publicKey)) return undefined;
    return { privateKey, publicKey, ...(typeof madeAt === 'number' ? { madeAt } : {}) };
  } catch {
    return undefined;
  }
}
