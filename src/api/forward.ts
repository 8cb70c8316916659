import { type Entry, KontenaError } from '../model/index.js';
import type { ByteStream, Nodes, Random, Store, View } from '../ports/index.js';
import { instancesMeant } from './names.js';
import { requireGrid } from './require-grid.js';

interface Means {
  readonly store: Store;
  readonly nodes: Pick<Nodes, 'dial'>;
  readonly random: Random;
}

/**
 * A TCP port of an instance, or of one of the instances of a service that run and are not unhealthy, by chance.
 *
 * @throws KontenaError KON_NOT_FOUND, KON_INVALID for a stack or a port that is none, KON_CONFLICT when none of them serves, KON_NODE_UNREACHABLE
 */
export function forwardPort({ store, nodes, random }: Means, grid: string, target: { readonly name: string; readonly port: number }, signal: AbortSignal): ByteStream {
  const view = store.view(grid);
  requireGrid(view);
  const { name, port } = target;
  if (!Number.isInteger(port) || port < 1 || port > 65_535) throw new KontenaError('KON_INVALID', `${String(port)} is no port: 1 to 65535 are`);
  const entry = chosen(name, view, random);
  return nodes.dial({ grid, name: entry.body.node }, { instance: entry.name, port }, signal);
}

function chosen(typed: string, view: View, random: Random): Entry<'Instance'> {
  const { kind, name } = instancesMeant(typed, view);
  if (kind === 'stack') throw new KontenaError('KON_INVALID', `${name} is a stack: name one of its services, as in ${name}/web`);
  const meant = kind === 'instance' ? [view.get('Instance', name)].filter((entry) => entry !== undefined) : view.instancesOf(name);
  const serving = meant.filter((entry) => isServing(entry, view));
  const one = serving[Math.floor(random.fraction() * serving.length)];
  if (one === undefined) throw new KontenaError('KON_CONFLICT', kind === 'instance' ? `${name} does not serve at the moment` : `no instance of ${name} serves at the moment`);
  return one;
}

function isServing({ name, body }: Entry<'Instance'>, view: View): boolean {
  const report = view.get('Report', name)?.body;
  return body.wanted === 'running' && report?.phase === 'running' && report.health !== 'unhealthy';
}
