import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { KontenaError } from '../model/index.js';
import { DirectoryRegistry } from './directory.js';
import { GitRegistry } from './git.js';
import { OciRegistry } from './oci.js';
import type { StackRegistry } from './registry.js';

export interface Surroundings {
  /** Working directory, absolute. */
  readonly directory: string;
  readonly home: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Speak http to an OCI registry on another machine. */
  readonly isInsecure: boolean;
}

/**
 * The registry at an address: a path or `file://`, `git+file://`, `git+ssh://`, `git+https://`, or `oci://host[:port]/prefix`.
 *
 * @throws KontenaError KON_INVALID for any other
 */
export function openRegistry(address: string, { directory, home, env, isInsecure }: Surroundings): StackRegistry {
  const [, scheme = ''] = /^([a-z+]+):\/\//.exec(address) ?? [];
  switch (scheme) {
    case '':
      return new DirectoryRegistry(resolve(directory, address.replace(/^~(?=\/|$)/, home)));
    case 'file':
      return new DirectoryRegistry(fileURLToPath(address));
    case 'git+file':
    case 'git+ssh':
    case 'git+https':
    case 'git+http':
      return new GitRegistry({ url: address.slice('git+'.length), cache: join(cacheOf(env, home), 'kontena', 'registries'), env });
    case 'oci':
      return new OciRegistry(address, { isInsecure, dockerConfig: join(env.DOCKER_CONFIG ?? join(home, '.docker'), 'config.json') });
    default:
      throw new KontenaError('KON_INVALID', `"${address}" is no stack registry: a path, git+file://, git+ssh://, git+https:// or oci:// is one`);
  }
}

const cacheOf = (env: Surroundings['env'], home: string): string => (env.XDG_CACHE_HOME === undefined || env.XDG_CACHE_HOME === '' ? join(home, '.cache') : env.XDG_CACHE_HOME);
