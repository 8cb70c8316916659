import { type EngineVolume, KontenaError } from '../model/index.js';
import type { EngineVolumes } from '../ports/index.js';

interface Filling {
  readonly volume: EngineVolume;
  readonly tar: AsyncIterable<Uint8Array>;
}

/**
 * Lets a volume hold what a tar holds, and nothing else. Where that fails it holds what it did before: what comes is written
 * and read back aside, and only then takes the place of what is there. A volume that was not there is not there either.
 *
 * @throws KON_VOLUME_DIFFERS when what was written is not what came; KON_ENGINE_REFUSED while a container mounts it
 */
export async function fillVolume(volumes: EngineVolumes, { volume, tar }: Filling, signal: AbortSignal): Promise<void> {
  if (await volumes.ensure(volume)) await orWithout(volumes, volume.name, () => write(volumes, volume.name, tar, signal));
  else await replace(volumes, { volume, tar }, signal);
}

async function replace(volumes: EngineVolumes, { volume, tar }: Filling, signal: AbortSignal): Promise<void> {
  const aside = { name: `${volume.name}.incoming`, driver: 'local', driverOpts: {} };
  if (!(await volumes.ensure(aside))) { // left behind by an agent that ended
    await volumes.remove(aside.name);
    await volumes.ensure(aside);
  }
  await orWithout(volumes, aside.name, async () => {
    await write(volumes, aside.name, tar, signal);
    await volumes.remove(volume.name);
  });
  await volumes.ensure(volume);
  try {
    await write(volumes, volume.name, volumes.read(aside.name, signal), signal);
  } catch (error) {
    throw new KontenaError('KON_VOLUME_DIFFERS', `volume ${volume.name} is incomplete; all that was sent lies in volume ${aside.name} of the same node`, { cause: error });
  }
  await volumes.remove(aside.name);
}

async function write(volumes: EngineVolumes, name: string, tar: AsyncIterable<Uint8Array>, signal: AbortSignal): Promise<void> {
  const sent = await volumes.write(name, tar, signal);
  const there = await volumes.weigh(name, signal);
  if (there.digest === sent.digest) return;
  throw new KontenaError('KON_VOLUME_DIFFERS', `what lies in volume ${name} is not what was sent: ${sent.files} files with ${sent.bytes} bytes were, ${there.files} with ${there.bytes} are there`);
}

/** Where it fails, the volume is as if it had never been. */
async function orWithout(volumes: EngineVolumes, name: string, run: () => Promise<void>): Promise<void> {
  try {
    await run();
  } catch (error) {
    await volumes.remove(name).catch(() => undefined); // what went wrong first is told
    throw error;
  }
}
