import { messageOf, type RemovedVolumes } from '../model/index.js';
import type { EngineVolumes } from '../ports/index.js';

/** Removes volumes with all that is in them, of those that are ours. One that cannot be removed keeps no other from it. */
export async function removeVolumes(volumes: EngineVolumes, names: readonly string[]): Promise<RemovedVolumes> {
  const ours = new Set((await volumes.list()).map(({ name }) => name));
  const removed: string[] = [];
  const left: { name: string; reason: string }[] = [];
  for (const name of names.filter((one) => ours.has(one))) {
    try {
      await volumes.remove(name);
      removed.push(name);
    } catch (error) {
      left.push({ name, reason: messageOf(error) });
    }
  }
  return { removed, left };
}
