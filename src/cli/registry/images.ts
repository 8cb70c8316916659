import type { RegistryClient } from './client.js';

/** One tag of a repository. */
export interface Image {
  readonly repository: string;
  readonly tag: string;
  readonly digest: string;
  /** What its layers take, each counted once. */
  readonly sizeBytes: number;
  /** ISO 8601; absent where the image does not say. */
  readonly createdAt?: string;
}

interface Part {
  readonly digest: string;
  readonly size: number;
  readonly mediaType?: string;
}

interface Manifest {
  readonly config?: Part;
  readonly layers?: readonly Part[];
  /** Of an image for several platforms. */
  readonly manifests?: readonly Part[];
}

const MANIFESTS = [
  'application/vnd.oci.image.index.v1+json', 'application/vnd.docker.distribution.manifest.list.v2+json',
  'application/vnd.oci.image.manifest.v1+json', 'application/vnd.docker.distribution.manifest.v2+json',
];
const PAGE = 100;

/** Everything in a registry, in the order of names; of one repository, when that is named. */
export async function imagesIn(client: RegistryClient, only?: string): Promise<readonly Image[]> {
  const images: Image[] = [];
  for (const repository of only === undefined ? await pages(client, '/v2/_catalog', 'repositories') : [only]) {
    for (const tag of await pages(client, `/v2/${repository}/tags/list`, 'tags')) images.push(await imageOf(client, repository, tag));
  }
  return images;
}

/** All of a list that comes in pages, each of which names the next one (RFC 5988). */
async function pages(client: RegistryClient, path: string, what: 'repositories' | 'tags'): Promise<readonly string[]> {
  const names: string[] = [];
  let next: string | undefined = `${path}?n=${String(PAGE)}`;
  while (next !== undefined) {
    const { text, headers } = await client.ask('GET', next);
    names.push(...((JSON.parse(text) as Readonly<Record<string, readonly string[] | null>>)[what] ?? []));
    next = /<([^>]+)>; *rel="?next"?/.exec(String(headers['link'] ?? ''))?.[1];
  }
  return names.sort();
}

async function imageOf(client: RegistryClient, repository: string, tag: string): Promise<Image> {
  const { digest, parts, config } = await manifestOf(client, repository, tag);
  const created = config === undefined ? undefined : ((JSON.parse((await client.ask('GET', `/v2/${repository}/blobs/${config}`)).text)) as { readonly created?: string }).created;
  const sizeBytes = [...parts.values()].reduce((sum, size) => sum + size, 0);
  return { repository, tag, digest, sizeBytes, ...(created === undefined ? {} : { createdAt: created }) };
}

interface Read {
  readonly digest: string;
  /** Digest → size. */
  readonly parts: ReadonlyMap<string, number>;
  /** Digest of what says when it was made. */
  readonly config: string | undefined;
}

async function manifestOf(client: RegistryClient, repository: string, reference: string): Promise<Read> {
  const { text, headers } = await client.ask('GET', `/v2/${repository}/manifests/${reference}`, MANIFESTS);
  const { config, layers = [], manifests = [] } = JSON.parse(text) as Manifest;
  const inner = await Promise.all(manifests.map(({ digest }) => manifestOf(client, repository, digest)));
  const own = [...(config === undefined ? [] : [config]), ...layers].map(({ digest, size }) => [digest, size] as const);
  return {
    digest: String(headers['docker-content-digest'] ?? ''),
    parts: new Map([...own, ...inner.flatMap(({ parts }) => [...parts])]),
    config: config?.digest ?? inner.find((one) => one.config !== undefined)?.config,
  };
}
