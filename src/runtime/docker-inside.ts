import type Docker from 'dockerode';
import { containerName, KontenaError, type PathInfo, type ProgramCall } from '../model/index.js';
import type { Inside, RunningProgram } from '../ports/index.js';
import { type Engine, orUndefined } from './engine.js';
import { lookAt, packFrom, unpackInto } from './files.js';
import { INSTANCE_LABEL, isOwn, type Owner } from './labels.js';
import { beginProgram, joinProgram, type Place } from './programs.js';

/** The containers of one Docker Engine from the inside. Each is found by its name and believed by its labels. */
export class DockerInside implements Inside {
  readonly #engine: Engine;
  readonly #owner: Owner;

  constructor(engine: Engine, owner: Owner) {
    this.#engine = engine;
    this.#owner = owner;
  }

  begin(instance: string, call: ProgramCall, signal: AbortSignal): Promise<RunningProgram> {
    return this.#in(instance, `cannot run a command in ${instance}`, (place) => beginProgram(place, call, signal));
  }

  attach(instance: string, signal: AbortSignal): Promise<RunningProgram> {
    return this.#in(instance, `cannot attach to ${instance}`, (place) => joinProgram(place, signal));
  }

  look(instance: string, path: string, signal: AbortSignal): Promise<PathInfo> {
    return this.#in(instance, `cannot look at ${path} of ${instance}`, ({ container }) => lookAt(container, path, signal));
  }

  async *pack(instance: string, path: string, signal: AbortSignal): AsyncIterable<Uint8Array> {
    yield* await this.#in(instance, `cannot read ${path} of ${instance}`, ({ container }) => packFrom(container, path, signal));
  }

  unpack(instance: string, directory: string, tar: AsyncIterable<Uint8Array>, signal: AbortSignal): Promise<void> {
    return this.#in(instance, `cannot write into ${directory} of ${instance}`, ({ container }) => unpackInto(container, directory, tar, signal));
  }

  #in<T>(instance: string, what: string, work: (place: Place) => Promise<T>): Promise<T> {
    return this.#engine.stream(what, async (client) => {
      const container = await this.#find(client, instance, what);
      return work({ client, container, explain: (error) => this.#engine.explain(error, what) });
    });
  }

  async #find(client: Docker, instance: string, what: string): Promise<Docker.Container> {
    const container = client.getContainer(containerName(instance));
    const found = await orUndefined([404], container.inspect());
    if (found === undefined || !isOwn(found.Config.Labels, this.#owner) || found.Config.Labels[INSTANCE_LABEL] !== instance) {
      throw new KontenaError('KON_CONTAINER_MISSING', `${what}: it has no container`);
    }
    return client.getContainer(found.Id);
  }
}
