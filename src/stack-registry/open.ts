import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { KontenaError } from '../model/index.js';
import { DirectoryRegistry } from './directory.js';
import { GitRegistry } from './git.js';
import { OciRegistry } from './oci.js';
import type { Describe, ReadFile, StackRegistry } from './registry.js';

export interface Surroundings {
  /** Working directory, absolute. */
  readonly directory: string;
  readonly home: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Speak http to an OCI registry on another machine. */
  readonly isInsecure: boolean;
  readonly describe: Describe;
  readonly readFile: ReadFile;
  /** Whether what docker login kept for an OCI registry, `host:port`, may be told to a server that it names, `https://host:port`. */
  readonly mayTell: (registry: string, server: string) => Promise<boolean>;
  /** How long a registry may take: one answer of an OCI registry, one command of git. */
  readonly limitMs?: number;
}

/** An answer of HTTP is small; git may have a history to fetch. */
const [ANSWER_LIMIT_MS, GIT_LIMIT_MS] = [30_000, 60_000];

/** Files of a watched directory wait for no registry longer: others may have been saved meanwhile. */
export const WATCHING_LIMIT_MS = 10_000;

/**
 * The registry at an address: a path or `file://`, `git+file://`, `git+ssh://`, `git+https://`, or `oci://host[:port]/prefix`.
 *
 * @throws KontenaError KON_INVALID for any other
 */
export function openRegistry(address: string, surroundings: Surroundings): StackRegistry {
  const { directory, home } = surroundings;
  const [, scheme = ''] = /^([a-z+]+):\/\//.exec(address) ?? [];
  switch (scheme) {
    case '':
      return new DirectoryRegistry(resolve(directory, address.replace(/^~(?=\/|$)/, home)), surroundings);
    case 'file':
      return new DirectoryRegistry(fileURLToPath(address), surroundings);
    case 'git+file':
    case 'git+ssh':
    case 'git+https':
    case 'git+http':
      return new GitRegistry({ limitMs: GIT_LIMIT_MS, ...surroundings, url: address.slice('git+'.length), cache: join(cacheOf(surroundings), 'kontena', 'registries') });
    case 'oci':
      return new OciRegistry(address, { limitMs: ANSWER_LIMIT_MS, ...surroundings, dockerConfig: dockerConfigOf(surroundings) });
    default:
      throw new KontenaError('KON_INVALID', `"${address}" is no stack registry: a path, git+file://, git+ssh://, git+https:// or oci:// is one`);
  }
}

const dockerConfigOf = ({ env, home }: Surroundings): string => join(env.DOCKER_CONFIG ?? join(home, '.docker'), 'config.json');

const cacheOf = ({ env, home }: Surroundings): string => (env.XDG_CACHE_HOME === undefined || env.XDG_CACHE_HOME === '' ? join(home, '.cache') : env.XDG_CACHE_HOME);
