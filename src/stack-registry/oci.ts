import { createHash } from 'node:crypto';
import { KontenaError } from '../model/index.js';
import { taken } from './directory.js';
import { fullName, isWord, newest, newestFirst, type StackName } from './names.js';
import { dockerCredentials } from './docker-credentials.js';
import { isRecord } from './oci-answers.js';
import { OciClient } from './oci-client.js';
import type { Describe, Listed, Published, StackRegistry } from './registry.js';

const STACK_TYPE = 'application/vnd.kontena.stack.v1+yaml';
const MANIFEST_TYPE = 'application/vnd.oci.image.manifest.v1+json';
/** The config of an artifact that needs none, as the OCI image specification (1.1) has it. */
const EMPTY = { mediaType: 'application/vnd.oci.empty.v1+json', text: '{}' };
/** What leads to this machine: http is spoken there without being asked for, where TLS is not. */
const OWN_MACHINE = /^(localhost|127(\.\d+){3}|\[::1\])(:\d+)?$/;
const REPOSITORY = /^[a-z0-9]+([._-]+[a-z0-9]+)*(\/[a-z0-9]+([._-]+[a-z0-9]+)*)*$/;

interface Means {
  /** Speak http to another machine. */
  readonly isInsecure: boolean;
  /** Path of docker's config.json. */
  readonly dockerConfig: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly describe: Describe;
  /** Whether what docker login kept for a registry, `host:port`, may be told to a server that it names, `https://host:port`. */
  readonly mayTell: (registry: string, server: string) => Promise<boolean>;
  /** How long one answer may take. */
  readonly limitMs: number;
}

/** Bytes of a manifest: what the distribution specification has every registry take. And of a stack file. */
const [MANIFEST_BYTES, STACK_BYTES] = [4 * 1024 * 1024, 1024 * 1024];

/** Annotations of a manifest, as the OCI image specification names them. */
const [TITLE, VERSION, DESCRIPTION] = ['org.opencontainers.image.title', 'org.opencontainers.image.version', 'org.opencontainers.image.description'] as const;

/** An OCI registry: a repository for each stack, a tag for each version, the stack file as the one layer. */
export class OciRegistry implements StackRegistry {
  readonly address: string;
  readonly #client: OciClient;
  /** Ends with a slash, or is empty. */
  readonly #prefix: string;
  readonly #describe: Describe;

  /** @param address `oci://host[:port][/prefix]` @throws KontenaError KON_INVALID */
  constructor(address: string, { isInsecure, dockerConfig, env, describe, mayTell, limitMs }: Means) {
    const [, host, path = ''] = /^oci:\/\/([^/?#\s]+)(?:\/(.*?))?\/*$/.exec(address) ?? [];
    if (host?.includes('@') === true) throw new KontenaError('KON_INVALID', 'an address that begins with oci:// has no place for a password: `docker login` keeps it');
    if (host === undefined || !URL.canParse(`https://${host}`)) throw new KontenaError('KON_INVALID', `"${address}" names no registry: it is written oci://host:port/prefix`);
    this.address = address;
    this.#prefix = path === '' ? '' : `${path}/`;
    this.#describe = describe;
    this.#client = new OciClient({ host, scheme: isInsecure ? 'http' : OWN_MACHINE.test(host) ? 'https-or-http' : 'https', credentials: () => dockerCredentials(dockerConfig, host, env), mayTell: (server) => mayTell(host, server), limitMs });
  }

  async push({ name, version, text }: Published): Promise<void> {
    const there = await this.pull(name, version);
    if (there?.text === text) return;
    if (there !== undefined) throw taken(name, version);
    const repository = this.#repository(name);
    await this.#upload(repository, EMPTY.text);
    await this.#upload(repository, text);
    const manifest = {
      schemaVersion: 2,
      mediaType: MANIFEST_TYPE,
      artifactType: STACK_TYPE,
      config: { mediaType: EMPTY.mediaType, ...described(EMPTY.text) },
      layers: [{ mediaType: STACK_TYPE, ...described(text), annotations: { [TITLE]: 'kontena.yml' } }],
      annotations: { [TITLE]: fullName(name), [VERSION]: version, [DESCRIPTION]: await this.#describe(text) },
    };
    await this.#client.request(`/v2/${repository}/manifests/${tagOf(version)}`, { method: 'PUT', headers: { 'content-type': MANIFEST_TYPE }, body: JSON.stringify(manifest) });
  }

  async pull(name: StackName, wanted: string | undefined): Promise<Published | undefined> {
    const version = wanted ?? newest(await this.versions(name));
    if (version === undefined) return undefined;
    const manifest = await this.#manifest(name, version);
    return manifest === undefined ? undefined : { name, version, text: await this.#text(name, version, manifest) };
  }

  async versions(name: StackName): Promise<readonly string[]> {
    const tags = await this.#client.list(`/v2/${this.#repository(name)}/tags/list`, 'tags', [404]);
    return newestFirst(tags.map((tag) => tag.replaceAll('__', '+')));
  }

  async names(): Promise<readonly StackName[]> {
    const all = await this.#client.list('/v2/_catalog?n=1000', 'repositories');
    const names = all.filter((repository) => repository.startsWith(this.#prefix)).map((repository) => repository.slice(this.#prefix.length).split('/'));
    return names.flatMap(([user = '', stack = '', ...deeper]) => (deeper.length === 0 && isWord(user) && isWord(stack) ? [{ user, stack }] : []))
      .sort((a, b) => (fullName(a) < fullName(b) ? -1 : 1));
  }

  async summary(name: StackName): Promise<Listed | undefined> {
    const version = newest(await this.versions(name));
    const manifest = version === undefined ? undefined : await this.#manifest(name, version);
    if (version === undefined || manifest === undefined || stackDigest(manifest) === undefined) return undefined; // images may lie beside stacks
    const noted = isRecord(manifest['annotations']) ? manifest['annotations'][DESCRIPTION] : undefined;
    return { name, version, description: typeof noted === 'string' ? noted : await this.#describe(await this.#text(name, version, manifest)) };
  }

  async #manifest(name: StackName, version: string): Promise<Readonly<Record<string, unknown>> | undefined> {
    const { answer, data } = await this.#client.requestJson(`/v2/${this.#repository(name)}/manifests/${tagOf(version)}`, { headers: { accept: MANIFEST_TYPE }, accept: [404], mostBytes: MANIFEST_BYTES });
    if (answer.status === 404) return undefined;
    return isRecord(data) ? data : {};
  }

  /** The stack file that a manifest names. */
  async #text(name: StackName, version: string, manifest: Readonly<Record<string, unknown>>): Promise<string> {
    const digest = stackDigest(manifest);
    if (digest === undefined) throw new KontenaError('KON_REGISTRY_FAILED', `${fullName(name)}:${version} in the registry is no stack`);
    const { text } = await this.#client.request(`/v2/${this.#repository(name)}/blobs/${digest}`, { mostBytes: STACK_BYTES });
    if (digestOf(text) !== digest) throw new KontenaError('KON_REGISTRY_FAILED', `${fullName(name)}:${version} came damaged: its digest is not ${digest}`);
    return text;
  }

  #repository(name: StackName): string {
    const repository = `${this.#prefix}${fullName(name)}`;
    if (REPOSITORY.test(repository)) return repository;
    throw new KontenaError('KON_INVALID', `an OCI registry cannot keep "${repository}": small letters, digits and single "-", "_" or "." between them can name a stack there`);
  }

  async #upload(repository: string, text: string): Promise<void> {
    const { digest } = described(text);
    const there = await this.#client.request(`/v2/${repository}/blobs/${digest}`, { method: 'HEAD', accept: [404] });
    if (there.isOk) return;
    const begun = await this.#client.request(`/v2/${repository}/blobs/uploads/`, { method: 'POST' });
    const place = new URL(begun.headers.get('location') ?? '', begun.url);
    place.searchParams.set('digest', digest);
    await this.#client.request(place.href, { method: 'PUT', headers: { 'content-type': 'application/octet-stream' }, body: text });
  }
}

const digestOf = (text: string): string => `sha256:${createHash('sha256').update(text).digest('hex')}`;

const described = (text: string): { readonly digest: string; readonly size: number } => ({ digest: digestOf(text), size: Buffer.byteLength(text) });

/** A tag has no "+". */
const tagOf = (version: string): string => version.replaceAll('+', '__');

/** The digest of the stack file that a manifest names. */
function stackDigest(manifest: Readonly<Record<string, unknown>>): string | undefined {
  const layers: readonly unknown[] = Array.isArray(manifest['layers']) ? manifest['layers'] : [];
  const layer = layers.filter(isRecord).find(({ mediaType }) => mediaType === STACK_TYPE);
  return typeof layer?.['digest'] === 'string' && /^sha256:[0-9a-f]{64}$/.test(layer['digest']) ? layer['digest'] : undefined;
}
