import { createHash } from 'node:crypto';
import { type EngineVolume, KontenaError, type VolumeWeight } from '../model/index.js';
import type { EngineVolumes } from '../ports/index.js';
import type { FakeRuntime } from './fake-runtime.js';

/** The volumes of a fake engine, and whatever bytes were put into them. */
export class FakeVolumes implements EngineVolumes {
  readonly #runtime: FakeRuntime;
  /** What is in them, by name. */
  readonly contents = new Map<string, Buffer>();
  /** What becomes of what is written. */
  spoils: (name: string, content: Buffer) => Buffer = (_name, content) => content;

  constructor(runtime: FakeRuntime) {
    this.#runtime = runtime;
  }

  list(): Promise<readonly EngineVolume[]> {
    return Promise.resolve([...this.#runtime.volumes.values()]);
  }

  ensure(volume: EngineVolume): Promise<boolean> {
    if (this.#runtime.volumes.has(volume.name)) return Promise.resolve(false);
    this.#runtime.volumes.set(volume.name, volume);
    return Promise.resolve(true);
  }

  remove(name: string): Promise<void> {
    if (this.#runtime.isMounted(name)) return Promise.reject(new KontenaError('KON_ENGINE_REFUSED', `cannot remove volume ${name}: volume is in use`));
    this.#runtime.volumes.delete(name);
    this.contents.delete(name);
    return Promise.resolve();
  }

  async *read(name: string): AsyncIterable<Uint8Array> {
    yield await Promise.resolve(this.#contentOf(name));
  }

  async weigh(name: string): Promise<VolumeWeight> {
    return weightOf(await Promise.resolve(this.#contentOf(name)));
  }

  async write(name: string, tar: AsyncIterable<Uint8Array>): Promise<VolumeWeight> {
    const pieces: Uint8Array[] = [];
    for await (const piece of tar) pieces.push(piece);
    const content = Buffer.concat(pieces);
    this.contents.set(name, this.spoils(name, content));
    return weightOf(content);
  }

  #contentOf(name: string): Buffer {
    if (!this.#runtime.volumes.has(name)) throw new KontenaError('KON_NOT_FOUND', `the engine has no volume ${name}`);
    return this.contents.get(name) ?? Buffer.alloc(0);
  }
}

const weightOf = (content: Buffer): VolumeWeight => ({ digest: createHash('sha256').update(content).digest('hex'), files: 1, bytes: content.length });
