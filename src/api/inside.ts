import { type Entry, KontenaError, type PathInfo, type ProgramCall } from '../model/index.js';
import type { AtPath, ByteStream, Nodes, RunningProgram, Store, View } from '../ports/index.js';
import { instancesMeant } from './names.js';
import { requireGrid } from './require-grid.js';

interface Means {
  readonly store: Store;
  readonly nodes: Pick<Nodes, 'ask' | 'files' | 'program'>;
}

/** An instance on its node, as the link wants to be told. */
const on = ({ name, body }: Entry<'Instance'>, grid: string) => ({ node: { grid, name: body.node }, instance: name });

/** A program begun in an instance; without a call, the instance's own. @throws KontenaError KON_NOT_FOUND, KON_INVALID for a stack, KON_CONFLICT when nothing of it runs */
export function openProgram({ store, nodes }: Means, grid: string, { name, call }: { readonly name: string; readonly call?: ProgramCall }, signal: AbortSignal): RunningProgram {
  const { node, instance } = on(meant(name, grid, store), grid);
  return nodes.program(node, { instance, ...(call === undefined ? {} : { call }) }, signal);
}

/** @throws as {@link openProgram} */
export async function lookInside({ store, nodes }: Means, grid: string, { name, path }: AtPath, signal: AbortSignal): Promise<PathInfo> {
  const { node, instance } = on(meant(name, grid, store), grid);
  return nodes.ask<'look'>(node, { kind: 'look', instance, path: requirePath(path) }, signal);
}

/** A tar out of an instance, or into it. @throws as {@link openProgram} */
export function openFiles({ store, nodes }: Means, grid: string, { name, path, way }: AtPath & { readonly way: 'pack' | 'unpack' }, signal: AbortSignal): ByteStream {
  const { node, instance } = on(meant(name, grid, store), grid);
  return nodes.files(node, { instance, path: requirePath(path), way }, signal);
}

function requirePath(path: string): string {
  if (!path.startsWith('/')) throw new KontenaError('KON_INVALID', `"${path}" is no path of a container: it begins with /`);
  return path;
}

/** The instance that bears a name; of a service the first of those that run. */
function meant(typed: string, grid: string, store: Store): Entry<'Instance'> {
  const view = store.view(grid);
  requireGrid(view);
  const { kind, name } = instancesMeant(typed, view);
  if (kind === 'stack') throw new KontenaError('KON_INVALID', `${name} is a stack: name one of its services, as in ${name}/web`);
  const found = kind === 'instance' ? view.get('Instance', name) : firstRunning(name, view);
  if (found === undefined) throw new KontenaError('KON_CONFLICT', `no instance of ${name} runs at the moment`);
  return found;
}

const firstRunning = (service: string, view: View): Entry<'Instance'> | undefined =>
  [...view.instancesOf(service)].sort((one, other) => one.body.slot - other.body.slot).find(({ name, body }) => body.wanted === 'running' && view.get('Report', name)?.body.phase === 'running');
