import type { VolumeDocument } from '../../stackfile/index.js';
import { collect } from '../collect.js';
import type { Run } from '../run.js';

/** Declares volumes. Returns those that were not there; with `isDry`, those that would be made. @throws KontenaError KON_CONFLICT when one is declared otherwise */
export async function declareVolumes(run: Run, volumes: readonly VolumeDocument[], isDry: boolean): Promise<readonly string[]> {
  if (volumes.length === 0) return [];
  const { control, grid } = await run.master();
  const known = isDry ? new Set((await collect(control.resources.list({ grid, kind: 'volume' }))).map(({ name }) => name)) : new Set();
  const fresh: string[] = [];
  for (const volume of volumes) {
    const isNew = isDry ? !known.has(volume.name) : (await control.volumes.declare(grid, { ...volume, isNew: false })).isNew;
    if (isNew) fresh.push(volume.name);
  }
  return fresh;
}
