import { Readable } from 'node:stream';
import type Docker from 'dockerode';
import type { VolumeInspectInfo } from 'dockerode';
import { driverAt, type EngineVolume, KontenaError, type VolumeWeight } from '../model/index.js';
import type { EngineVolumes } from '../ports/index.js';
import { weighPassing, weighTar } from './weigh-tar.js';
import { type Engine, orUndefined, READ_TIMEOUT_MS, WRITE_TIMEOUT_MS } from './engine.js';
import type { SystemInfo } from './engine-info.js';
import { type Labels, type Owner, ownerLabels, READER_LABEL, SLOT_LABEL, VOLUME_LABEL } from './labels.js';
import { jsonLines } from './streams.js';

/** An image with nothing in it, for containers that never start: through them the engine reads and writes volumes, whatever their driver. */
const NOTHING = { repo: 'kontena-nothing', tag: '1' };

const EMPTY_TAR = Buffer.alloc(1024);

/** What is read of a volume comes in pieces so large. */
const PIECE_BYTES = 128 * 1024;

/** Where such a container has its volume. */
const MOUNT = '/volume';

/** The volumes of a Docker Engine. One that is there is taken as it is, if it can be the one that is meant. */
export class DockerVolumes implements EngineVolumes {
  readonly #engine: Engine;
  readonly #owner: Owner;
  #isTidy: Promise<void> | undefined;

  constructor(engine: Engine, owner: Owner) {
    this.#engine = engine;
    this.#owner = owner;
  }

  async list(): Promise<readonly EngineVolume[]> {
    const { cluster, grid } = this.#owner;
    const label = Object.entries(sharedLabels({ cluster, grid })).map(([name, value]) => `${name}=${value}`);
    const { Volumes } = await this.#read('cannot list volumes', (client) => client.listVolumes({ filters: { label } }));
    return Volumes.map(toEngineVolume);
  }

  async ensure(volume: EngineVolume): Promise<boolean> {
    const found = await this.#find(volume.name);
    if (found === undefined) await this.#create(volume);
    else this.#check(volume, found);
    return found === undefined;
  }

  async remove(name: string): Promise<void> {
    await this.#write(`cannot remove volume ${name}`, (client, abortSignal) => orUndefined([404], client.getVolume(name).remove({ abortSignal })));
  }

  async *read(name: string, signal: AbortSignal): AsyncIterable<Uint8Array> {
    const container = await this.#open(name);
    try {
      yield* gathered(await this.#engine.stream(`cannot read volume ${name}`, () => container.getArchive({ path: `${MOUNT}/.`, abortSignal: signal })) as AsyncIterable<Uint8Array>);
    } finally {
      await this.#close(container);
    }
  }

  weigh(name: string, signal: AbortSignal): Promise<VolumeWeight> {
    return weighTar(this.read(name, signal));
  }

  async write(name: string, tar: AsyncIterable<Uint8Array>, signal: AbortSignal): Promise<VolumeWeight> {
    const container = await this.#open(name);
    const passing = weighPassing(tar);
    try {
      await this.#engine.stream(`cannot write volume ${name}`, () => put(container, Readable.from(passing.tar, { objectMode: false }), signal));
      return await passing.weight;
    } finally {
      await this.#close(container);
    }
  }

  /** A container that has the volume, and never starts. */
  async #open(name: string): Promise<Docker.Container> {
    if ((await this.#find(name)) === undefined) throw new KontenaError('KON_NOT_FOUND', `the engine has no volume ${name}`);
    await (this.#isTidy ??= this.#tidy());
    const image = `${NOTHING.repo}:${NOTHING.tag}`;
    return this.#write(`cannot open volume ${name}`, async (client, abortSignal) => {
      if ((await orUndefined([404], client.getImage(image).inspect())) === undefined) await importNothing(client);
      return client.createContainer({ Image: image, Cmd: ['none'], Labels: { ...ownerLabels(this.#owner), [READER_LABEL]: name }, HostConfig: { Binds: [`${name}:${MOUNT}`], NetworkMode: 'none' }, abortSignal });
    });
  }

  /** Removes what an earlier life left open. */
  async #tidy(): Promise<void> {
    const label = [...Object.entries(ownerLabels(this.#owner)).map(([name, value]) => `${name}=${value}`), READER_LABEL];
    await this.#write('cannot close volumes', async (client, abortSignal) => {
      for (const { Id } of await client.listContainers({ all: true, filters: { label }, abortSignal })) await this.#close(client.getContainer(Id));
    });
  }

  async #close(container: Docker.Container): Promise<void> {
    await this.#write('cannot close a volume', (_client, abortSignal) => orUndefined([404], container.remove({ force: true, abortSignal })));
  }

  #find(name: string): Promise<VolumeInspectInfo | undefined> {
    return this.#read(`cannot look at volume ${name}`, (client) => orUndefined([404], client.getVolume(name).inspect()));
  }

  async #create({ name, driver, driverOpts, volume, slot }: EngineVolume): Promise<void> {
    const labels = { ...ownerLabels(this.#owner), ...(volume === undefined ? {} : { [VOLUME_LABEL]: volume }), ...(slot === undefined ? {} : { [SLOT_LABEL]: slot }) };
    await this.#write(`cannot make volume ${name}`, async (client, abortSignal) => {
      const Driver = driver === 'local' ? driver : driverAt(driver, ((await client.info()) as SystemInfo).Plugins?.Volume ?? []) ?? driver;
      await client.createVolume({ Name: name, Driver, DriverOpts: { ...driverOpts }, Labels: labels, abortSignal });
    });
  }

  #check({ name, driver }: EngineVolume, { Driver, Labels }: VolumeInspectInfo): void {
    if (driverAt(driver, [Driver]) === undefined) throw new KontenaError('KON_VOLUME_TAKEN', `the engine has a volume ${name} of the driver ${Driver}, and ${driver} is asked for`);
    const stranger = strangerOf(Labels, this.#owner);
    if (stranger !== undefined) throw new KontenaError('KON_VOLUME_TAKEN', `the engine has a volume ${name} of ${stranger}`);
  }

  #write<T>(what: string, ask: (client: Docker, signal: AbortSignal) => Promise<T>): Promise<T> {
    return this.#engine.call({ what, timeoutMs: WRITE_TIMEOUT_MS }, ask);
  }

  #read<T>(what: string, ask: (client: Docker, signal: AbortSignal) => Promise<T>): Promise<T> {
    return this.#engine.call({ what, timeoutMs: READ_TIMEOUT_MS }, ask);
  }
}

/** In pieces that are worth a message each: the engine's own have 16 KiB at times, and few messages are under way at once. */
async function* gathered(pieces: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let [held, bytes]: [Uint8Array[], number] = [[], 0];
  for await (const piece of pieces) {
    held.push(piece);
    bytes += piece.length;
    if (bytes < PIECE_BYTES) continue;
    yield Buffer.concat(held);
    [held, bytes] = [[], 0];
  }
  if (bytes > 0) yield Buffer.concat(held);
}

/** A source that breaks breaks the writing: the engine would wait for the rest. */
async function put(container: Docker.Container, source: Readable, signal: AbortSignal): Promise<void> {
  const broken = new AbortController();
  const failed = new Promise<never>((_resolve, reject) => {
    source.once('error', (error) => {
      broken.abort();
      reject(error);
    });
  });
  const written = container.putArchive(source, { path: MOUNT, abortSignal: AbortSignal.any([signal, broken.signal]) });
  written.catch(() => undefined); // whichever fails first is told
  await Promise.race([written, failed]);
}

async function importNothing(client: Docker): Promise<void> {
  const progress: NodeJS.ReadableStream = await client.importImage(Readable.from([EMPTY_TAR]), NOTHING);
  for await (const _line of jsonLines(progress)); // it is there when the engine has said all
}

/** Two nodes of a grid that share an engine share its volumes, too. */
const sharedLabels = ({ cluster, grid }: Pick<Owner, 'cluster' | 'grid'>): Labels => ({ 'io.kontena.cluster': cluster, 'io.kontena.grid': grid });

/** Another cluster or grid whose data a volume holds. What bears no labels was made by hand, and is to be found. */
function strangerOf(labels: Labels | null, owner: Owner): string | undefined {
  const strange = Object.entries(sharedLabels(owner)).find(([name, value]) => (labels?.[name] ?? value) !== value);
  if (strange === undefined) return undefined;
  return strange[0] === 'io.kontena.grid' ? `the grid ${labels?.[strange[0]] ?? ''}` : 'another cluster';
}

function toEngineVolume({ Name, Driver, Options, Labels }: VolumeInspectInfo): EngineVolume {
  const { [VOLUME_LABEL]: volume, [SLOT_LABEL]: slot } = Labels as Labels;
  return { name: Name, driver: Driver, driverOpts: { ...Options }, ...(volume === undefined ? {} : { volume }), ...(slot === undefined ? {} : { slot }) };
}
