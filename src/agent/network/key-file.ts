import { readFile, rename } from 'node:fs/promises';
import { codeOf, KontenaError } from '../../model/index.js';
import type { KeptKeys, TunnelKey, TunnelKeys } from '../../ports/index.js';
import { replaceFile } from '../replace-file.js';

/** The keys of a node's tunnels in a file that only root reads, replaced whole. One that is damaged is kept beside, as `.damaged`: a new key is soon known everywhere. */
export function tunnelKeyFile(file: string): TunnelKeys {
  return { load: () => load(file), save: (keys) => replaceFile(file, JSON.stringify(keys)) };
}

async function load(file: string): Promise<KeptKeys | undefined> {
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw new KontenaError('KON_FILE_UNREADABLE', `cannot read the keys of this node's tunnels from ${file}`, { cause: error });
  });
  if (text === undefined) return undefined;
  const keys = parse(text);
  if (keys === undefined) await rename(file, `${file}.damaged`);
  return keys;
}

function parse(text: string): KeptKeys | undefined {
  try {
    const { current, next } = JSON.parse(text) as Partial<KeptKeys>;
    if (!isKey(current)) return undefined;
    return isKey(next) ? { current, next } : { current };
  } catch {
    return undefined;
  }
}

const KEY = /^[A-Za-z0-9+/]{43}=$/;
const isKey = (key: Partial<TunnelKey> | undefined): key is TunnelKey => KEY.test(key?.privateKey ?? '') && KEY.test(key?.publicKey ?? '');
