import { KontenaError, registryHost, wholeImage } from '../../model/index.js';
import type { Resource } from '../../ports/index.js';
import { collect } from '../collect.js';
import type { OpenGrid } from '../run.js';
import { hear } from '../speak.js';
import { REGISTRY, type RegistryClient } from './client.js';
import type { Image } from './images.js';

/** What goes and what stays though it is old. */
export interface Pruning {
  readonly gone: readonly Image[];
  /** Services of the grid name them. */
  readonly used: readonly Image[];
}

/**
 * Of each repository the newest tags stay, and what services of the grid name; the rest goes. A tag that is the same image as
 * one that stays is left: what is removed is the image.
 */
export function pruningOf(images: readonly Image[], keep: number, isUsed: (image: Image) => boolean): Pruning {
  const repositories = new Map<string, Image[]>();
  for (const image of images) repositories.set(image.repository, [...(repositories.get(image.repository) ?? []), image]);
  const old = [...repositories.values()].flatMap((all) => [...all].sort(newestFirst).slice(keep));
  const used = old.filter(isUsed);
  const leaving = new Set(old.filter((image) => !isUsed(image)));
  const staying = new Set(images.filter((image) => !leaving.has(image)).map(keyOf));
  return { gone: [...leaving].filter((image) => !staying.has(keyOf(image))), used };
}

const newestFirst = (a: Image, b: Image): number => (b.createdAt ?? '').localeCompare(a.createdAt ?? '') || b.tag.localeCompare(a.tag, 'en', { numeric: true });

const keyOf = ({ repository, digest }: Image): string => `${repository}@${digest}`;

/** What a service runs, as its record says. */
export const imageOf = ({ image }: Resource['spec']): string => (typeof image === 'string' ? image : '');

/** Whether services of a grid name an image, with its tag or its digest. */
export function usedBy(services: readonly Resource[], grid: string): (image: Image) => boolean {
  const named = new Set(services.map(({ spec }) => wholeImage(imageOf(spec), grid)));
  return ({ repository, tag, digest }) => {
    const name = `${registryHost(grid)}/${repository}`;
    return named.has(`${name}:${tag}`) || named.has(`${name}@${digest}`) || (tag === 'latest' && named.has(name));
  };
}

/** Removes images from the lists; what they took is there until {@link collectGarbage}. */
export async function removeImages(client: RegistryClient, images: readonly Image[]): Promise<void> {
  const digests = new Map(images.map((image) => [keyOf(image), image]));
  for (const { repository, digest } of digests.values()) await client.ask('DELETE', `/v2/${repository}/manifests/${digest}`);
}

/** Ends the registry, collects, and lets it begin again: see `entrypoint` of its stack file. */
const COLLECT = `echo $$ > /tmp/collecting
trap 'rm -f /tmp/collecting' EXIT
registry=$(cat /tmp/registry.pid)
kill "$registry"
while kill -0 "$registry" 2>/dev/null; do sleep 1; done
registry garbage-collect /etc/docker/registry/config.yml`;

/**
 * Frees what no image needs, while nothing can be written: the registry is away for those seconds. Of several instances all
 * would have to be.
 *
 * @returns how many pieces were freed; undefined where several instances serve
 * @throws KontenaError KON_IMAGES_REFUSED when it fails
 */
export async function collectGarbage({ control, grid }: OpenGrid): Promise<number | undefined> {
  const instances = await collect(control.resources.list({ grid, kind: 'instance', of: REGISTRY }));
  const [only, ...others] = instances.filter(({ status }) => status.phase === 'running');
  if (only === undefined || others.length > 0) return undefined;
  let said = '';
  const code = await hear(control.instances.exec(grid, { name: only.name, call: { command: ['/bin/sh', '-c', COLLECT], hasInput: false } }, new AbortController().signal), (_stream, bytes) => {
    said += Buffer.from(bytes).toString();
  });
  if (code !== 0) throw new KontenaError('KON_IMAGES_REFUSED', `what the images took could not be freed: ${said.trim().split('\n').at(-1) ?? `exit code ${String(code)}`}`);
  return [...said.matchAll(/^blob eligible for deletion/gm)].length;
}
