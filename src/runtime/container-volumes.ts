import { type EngineVolume, keptPath, parseInstance } from '../model/index.js';
import type { CreateContainer, EngineVolumes } from '../ports/index.js';
import { type Engine, orUndefined, READ_TIMEOUT_MS } from './engine.js';

type ByPath = Readonly<Record<string, EngineVolume>>;

/** Makes the volumes of a container that lack. Returns all of them by path, with those that its image declares where it is stateful. */
export async function prepareVolumes(engine: Engine, volumes: EngineVolumes, request: CreateContainer): Promise<ByPath> {
  const wanted = { ...(await ofImage(engine, request)), ...request.volumes };
  for (const volume of Object.values(wanted)) await volumes.ensure(volume);
  return wanted;
}

/** Where an image says that its data is, a stateful service keeps it: it outlives the containers. */
async function ofImage(engine: Engine, { instance, spec: { image, stateful, volumes, tmpfs } }: CreateContainer): Promise<ByPath> {
  const id = parseInstance(instance);
  if (!stateful || id === undefined) return {};
  const found = await engine.call({ what: `cannot look at image ${image}`, timeoutMs: READ_TIMEOUT_MS }, (client) => orUndefined([404], client.getImage(image).inspect()));
  const mentioned = new Set([...volumes.map(({ path }) => path), ...tmpfs.map((text) => text.split(':')[0])]);
  const declared: Readonly<Record<string, unknown>> | null | undefined = found?.Config.Volumes;
  return Object.fromEntries(Object.keys(declared ?? {}).flatMap((path) => (mentioned.has(path) ? [] : [[path, keptPath(path, id)] as const])));
}
