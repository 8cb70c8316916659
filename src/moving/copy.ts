import { type EngineVolume, isPlain, KontenaError, type TransferBody } from '../model/index.js';
import type { Nodes } from '../ports/index.js';

/** The way to the nodes of a grid, until it is called off. */
export interface Way {
  readonly nodes: Nodes;
  readonly grid: string;
  readonly signal: AbortSignal;
}

interface Ends {
  readonly slot: string;
  readonly from: string;
  readonly to: string;
  /** On the other node these are ours to remove: an earlier try left them. */
  readonly begun: readonly string[];
}

/**
 * The volumes of a slot, when they can be moved.
 *
 * @throws KON_CONFLICT when the other node has volumes of these names; KON_INVALID for what lies elsewhere; KON_NOT_FOUND
 */
export async function volumesToMove({ nodes, grid, signal }: Way, { slot, from, to, begun }: Ends): Promise<readonly string[]> {
  const listed = async (node: string): Promise<readonly EngineVolume[]> => nodes.ask<'volumes'>({ grid, name: node }, { kind: 'volumes' }, signal);
  const own = (await listed(from)).filter((volume) => volume.slot === slot);
  if (own.length === 0) throw new KontenaError('KON_NOT_FOUND', `${from} has no volume of ${slot}`);
  const foreign = own.find((volume) => !isPlain(volume));
  if (foreign !== undefined) throw new KontenaError('KON_INVALID', `the data of volume ${foreign.name} lies where its driver says`);
  const there = (await listed(to)).find(({ name }) => own.some((volume) => volume.name === name) && !begun.includes(name));
  if (there !== undefined) throw new KontenaError('KON_CONFLICT', `${to} has a volume ${there.name} already: it shares its engine with ${from}, or the slot left it there; if it may go, \`docker volume rm ${there.name}\` there`);
  return own.map(({ name }) => name);
}

/** Copies the volumes of a transfer, and compares what is on both nodes. Returns how much it was. @throws KON_VOLUME_DIFFERS */
export async function copyVolumes(way: Way, { from, to, volumes }: TransferBody): Promise<number> {
  const { nodes, grid, signal } = way;
  await removeVolumes(way, to, volumes); // what an earlier try wrote
  const known = await nodes.ask<'volumes'>({ grid, name: from }, { kind: 'volumes' }, signal);
  let bytes = 0;
  for (const name of volumes) {
    const volume = known.find((one) => one.name === name);
    if (volume === undefined) throw new KontenaError('KON_NOT_FOUND', `${from} has no volume ${name} any more`);
    await nodes.writeVolume({ grid, name: to }, volume, nodes.readVolume({ grid, name: from }, name, signal), signal);
    const [here, there] = await Promise.all([from, to].map((node) => nodes.ask<'weigh-volume'>({ grid, name: node }, { kind: 'weigh-volume', name }, signal)));
    if (here?.digest !== there?.digest) throw new KontenaError('KON_VOLUME_DIFFERS', `volume ${name} of ${to} does not hold what that of ${from} holds`);
    bytes += there?.bytes ?? 0;
  }
  return bytes;
}

/** Why some of these volumes could not be removed; undefined when all are gone. */
export async function removeVolumes({ nodes, grid, signal }: Way, node: string, names: readonly string[]): Promise<string | undefined> {
  const { left } = await nodes.ask<'remove-volumes'>({ grid, name: node }, { kind: 'remove-volumes', names }, signal);
  return left.length === 0 ? undefined : left.map(({ name, reason }) => `${name} is still on ${node}: ${reason}`).join('; ');
}
