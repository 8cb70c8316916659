import { homedir } from 'node:os';
import { isTokenServer } from '../cli/context/index.js';
import { openRegistry, type StackRegistry, WATCHING_LIMIT_MS } from '../stack-registry/index.js';
import { descriptionOf, readTextFile } from '../stackfile/index.js';

/** Opens the stack registry of a master: the one named, else that of KONTENA_STACK_REGISTRY, else none. */
export function stackRegistryAt(named: string | undefined, isInsecure: boolean): () => Promise<StackRegistry | undefined> {
  const address = [named, process.env['KONTENA_STACK_REGISTRY']].find((text) => text !== undefined && text !== '');
  const place = { env: process.env, directory: process.cwd(), home: homedir() };
  const mayTell = (registry: string, server: string): Promise<boolean> => isTokenServer(place, registry, server);
  const surroundings = { ...place, mayTell, isInsecure, describe: (text: string) => Promise.resolve(descriptionOf(text)), readFile: readTextFile, limitMs: WATCHING_LIMIT_MS };
  return () => Promise.resolve(address === undefined ? undefined : openRegistry(address, surroundings));
}
