import {
  contains, countParts, DEFAULT_NODE_PREFIX, drop, type Entry, type GridNetwork, gridNetwork, isName, isSame, KontenaError, lowestFreePart, overlaps, put, requireSubnet, type Revision, SEALED_KINDS, type Subnet, subnetText,
} from '../model/index.js';
import type { Author, GridCalls, GridChange, GridRequest, NewGrid, Store, View } from '../ports/index.js';
import type { AuthorIn } from './author-in.js';
import { FIRST_GRID } from './first-grid.js';
import { withChange } from './grid-change.js';
import { notFound } from './not-found.js';

/** Where grids get their subnets unless they say otherwise: sixteen of /16. */
const DEFAULT_SPACE = requireSubnet('10.80.0.0/12');
const DEFAULT_PREFIX = 16;

/** What nobody routes on the internet (RFC 1918). */
const PRIVATE: readonly Subnet[] = ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16'].map(requireSubnet);

/** The smallest part of a node has five instances beside its own address, its gateway and its broadcast address. */
const SMALLEST_PART = 29;

/** What may be asked of grids. */
export const gridCalls = ({ grids }: { readonly grids: GridMaker }, author: AuthorIn): GridCalls => ({
  create: (request) => grids.create(author(request.name), request),
  update: (grid, change) => grids.update(author(grid), change),
});

export interface GridMaker {
  /** @throws KontenaError KON_INVALID for a name that is none or a subnet of no use, KON_CONFLICT for one that is taken */
  create(author: Author, request: GridRequest): Promise<NewGrid>;
  /** What people decide about it. @throws KontenaError KON_NOT_FOUND, KON_INVALID for what cannot be so */
  update(author: Author, change: GridChange): Promise<{ readonly revision: Revision }>;
  /** With its tokens and what is in its vault. @throws KontenaError KON_NOT_FOUND, KON_CONFLICT while it has nodes or stacks, or is the first */
  remove(author: Author, name: string): Promise<{ readonly revision: Revision }>;
}

/** Makes and removes grids one after the other: a decision sees all of its own grid, of others what is on disk. */
export function gridMaker(store: Store): GridMaker {
  let last: Promise<unknown> = Promise.resolve();
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const next = last.then(work);
    last = next.catch(() => undefined);
    return next;
  };
  return {
    create: (author, request) => inTurn(() => createGrid(store, author, request)),
    update: (author, change) => inTurn(() => updateGrid(store, author, change)),
    remove: (author, name) => inTurn(() => removeGrid(store, author, name)),
  };
}

async function createGrid(store: Store, author: Author, { name, ...wanted }: GridRequest): Promise<NewGrid> {
  if (!isName(name)) throw new KontenaError('KON_INVALID', `"${name}" cannot name a grid: letters, digits, - and _, at most 63 of them, are wanted`);
  if (store.view(name).get('Grid', name) !== undefined) throw new KontenaError('KON_CONFLICT', `there is a grid ${name} already`);
  const network = networkOf(wanted, neighboursOf(store));
  const { nodePrefix } = network;
  const subnet = subnetText(network.subnet);
  const body = withChange({ defaultAffinity: [], subnet, nodePrefix }, wanted);
  const { revision } = await store.update(author, () => ({ steps: [put('Grid', name, body, 'created')] }));
  return { name, subnet, nodePrefix, revision };
}

async function updateGrid(store: Store, author: Author, change: GridChange): Promise<{ readonly revision: Revision }> {
  const { plan, revision } = await store.update(author, (view) => {
    const { body, revision: at } = requireGridEntry(store, view);
    const after = withChange(body, change);
    return { steps: isSame(body, after) ? [] : [put('Grid', view.grid, after, `set: ${Object.keys(change).join(', ')}`)], at };
  });
  return { revision: plan.steps.length > 0 ? revision : plan.at };
}

/** @throws KontenaError KON_NOT_FOUND */
function requireGridEntry(store: Store, view: View): Entry<'Grid'> {
  const entry = view.get('Grid', view.grid);
  if (entry === undefined) throw notFound({ what: 'grid', typed: view.grid, known: neighboursOf(store).map((one) => one.name) });
  return entry;
}

interface Neighbour {
  readonly name: string;
  readonly subnet: Subnet;
}

const neighboursOf = (store: Store): readonly Neighbour[] => store.grids().flatMap((name) => {
  const body = store.view(name).get('Grid', name)?.body;
  return body === undefined ? [] : [{ name, subnet: gridNetwork(body).subnet }];
});

/** What was asked for, or the next that is free. @throws KontenaError KON_INVALID, KON_CONFLICT */
function networkOf({ subnet: typed, nodePrefix = DEFAULT_NODE_PREFIX }: Pick<GridRequest, 'subnet' | 'nodePrefix'>, neighbours: readonly Neighbour[]): GridNetwork {
  const subnet = typed === undefined ? lowestFreePart(DEFAULT_SPACE, DEFAULT_PREFIX, neighbours.map((one) => one.subnet)) : requireSubnet(typed);
  if (subnet === undefined) throw new KontenaError('KON_CONFLICT', `every /${DEFAULT_PREFIX} of ${subnetText(DEFAULT_SPACE)} belongs to a grid: name another private subnet`);
  const text = subnetText(subnet);
  if (!PRIVATE.some((space) => contains(space, subnet))) throw new KontenaError('KON_INVALID', `${text} is not private: a part of ${PRIVATE.map(subnetText).join(', ')} is wanted`);
  if (!Number.isInteger(nodePrefix) || nodePrefix < 8 || nodePrefix > SMALLEST_PART) throw new KontenaError('KON_INVALID', `a node cannot have /${nodePrefix}: /8 to /${SMALLEST_PART} are allowed`);
  if (countParts(subnet, nodePrefix) === 0) throw new KontenaError('KON_INVALID', `${text} is too small for one node, which is to have /${nodePrefix} of it: name a larger subnet, or a smaller part for each node`);
  const other = neighbours.find((one) => overlaps(one.subnet, subnet));
  if (other !== undefined) throw new KontenaError('KON_CONFLICT', `${text} overlaps ${subnetText(other.subnet)}, the subnet of grid ${other.name}`);
  return { subnet, nodePrefix };
}

async function removeGrid(store: Store, author: Author, name: string): Promise<{ readonly revision: Revision }> {
  const sealed = store.sealedNames(name).map((one) => ({ name: one, bytes: undefined }));
  const { revision } = await store.update(author, (view) => {
    requireGridEntry(store, view);
    if (name === FIRST_GRID) throw new KontenaError('KON_CONFLICT', `grid ${name} is always there: the master makes it where there is none`);
    requireEmpty(view);
    const kept = (['Token', 'Member', 'CertificateRequest', ...SEALED_KINDS] as const).flatMap((kind) => view.list(kind).map((entry) => drop(kind, entry.name, 'its grid was removed')));
    return { steps: [...kept, drop('Grid', name, 'removed')], sealed };
  });
  return { revision };
}

/** @throws KontenaError KON_CONFLICT */
function requireEmpty(view: View): void {
  const held = (['Node', 'Stack'] as const).flatMap((kind) => {
    const names = view.list(kind).map(({ name }) => name);
    return names.length === 0 ? [] : [`${kind.toLowerCase()}${names.length === 1 ? '' : 's'} ${inWords(names)}`];
  });
  if (held.length > 0) throw new KontenaError('KON_CONFLICT', `grid ${view.grid} still has ${held.join(' and ')}: remove them first`);
}

/** So many names are said. */
const EXAMPLES = 5;

const inWords = (names: readonly string[]): string =>
  names.length > EXAMPLES ? `${names.slice(0, EXAMPLES).join(', ')} and ${names.length - EXAMPLES} more` : names.join(', ');
