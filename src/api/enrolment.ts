import { type AuditFact, type Change, isName, KontenaError, machineOf, type NodeBody, put, serviceRevisionName, settled, type ShownKey, standingOfAgent } from '../model/index.js';
import type { Authority, Clock, Enrolment, Joined, JoinRequest, Store, View } from '../ports/index.js';
import { failureOf, type Notebook } from './notebook.js';
import { requireLabels } from './nodes.js';
import { requireGrid } from './require-grid.js';
import { requireToken, useToken } from './tokens.js';

interface Means {
  readonly store: Store;
  readonly clock: Clock;
  readonly authority: Pick<Authority, 'signer'>;
  readonly notebook: Notebook;
}

/** The api's answers to agents that knock. */
export function createEnrolment({ store, clock, authority, notebook }: Means): Enrolment {
  const join = async (request: JoinRequest): Promise<Joined> => {
    if (!isName(request.name)) throw new KontenaError('KON_INVALID', `"${request.name}" cannot name a node: letters, digits, - and _, at most 63 of them, are wanted`);
    requireLabels(request.labels);
    const { grid, id } = requireToken(store, request.token, clock.now());
    await store.update({ writer: 'api', grid, actor: `token ${id}` }, (view) => ({ steps: decideJoin(request, { tokenId: id, authority: authority.signer }, view) }));
    return joined(grid, request.name, store.view(grid));
  };
  return {
    join: async (request) => {
      const fact = factOf(request);
      notebook.requireRoom();
      const made = await join(request).catch((why: unknown) => {
        notebook.refused({ ...fact, ...failureOf(why) });
        throw why;
      });
      await notebook.note({ ...fact, grid: made.grid, outcome: 'done' });
      return made;
    },
    admit: (grid, node, shown) => {
      const entry = store.view(grid).get('Node', node);
      if (entry === undefined) throw new KontenaError('KON_NODE_REMOVED', `node ${node} was removed from grid ${grid}`);
      const standing = standingOfAgent(entry.body, shown);
      if (standing === 'strange') throw strange(node, grid);
      if (standing === 'newer' || (standing === 'current' && entry.body.formerKey !== undefined)) settle(store, { grid, node, shown });
    },
    renew: async (grid, node, { from, to }) => {
      await store.update({ writer: 'api', grid, actor: `node ${node}` }, (view) => {
        const body = view.get('Node', node)?.body;
        if (body === undefined) throw new KontenaError('KON_NODE_REMOVED', `node ${node} was removed from grid ${grid}`);
        const standing = standingOfAgent(body, from);
        if (standing === 'strange') throw strange(node, grid);
        const generation = Math.max(body.generation ?? 0, standing === 'newer' ? (from.generation ?? 0) : 0) + 1;
        const renewed = { ...body, machine: machineOf(body), generation, keyFingerprint: to, formerKey: from.keyFingerprint, authority: authority.signer };
        return { steps: [put('Node', node, renewed, 'its key was renewed')] };
      });
      return joined(grid, node, store.view(grid));
    },
  };
}

/** What of a knock is written down; of its token the part that is no secret. */
const factOf = ({ token, name, from }: JoinRequest): Omit<AuditFact, 'outcome'> =>
  ({ who: `token ${token.split('.', 1)[0] ?? ''}`, ...(from === undefined ? {} : { from }), action: 'node.join', name });

const strange = (node: string, grid: string): KontenaError =>
  new KontenaError('KON_CERTIFICATE_UNTRUSTED', `node ${node} of grid ${grid} has another key: it joined anew since, or another machine took its name`);

/** What the certificate of a node is to say by now. */
function joined(grid: string, node: string, view: View): Joined {
  const body = view.get('Node', node)?.body;
  if (body === undefined) throw new KontenaError('KON_NODE_REMOVED', `node ${node} was removed from grid ${grid}`);
  return { grid, node, machine: machineOf(body), generation: body.generation ?? 0 };
}

/** The newest key is in use: no other is from now on. If this cannot be written now, it is when the node is next heard of. */
function settle(store: Store, { grid, node, shown }: { readonly grid: string; readonly node: string; readonly shown: ShownKey }): void {
  store.update({ writer: 'api', grid, actor: `node ${node}` }, (view) => {
    const body = view.get('Node', node)?.body;
    if (body === undefined) return { steps: [] };
    switch (standingOfAgent(body, shown)) {
      case 'newer': {
        const { keyFingerprint, generation = 0 } = shown;
        return { steps: [put('Node', node, { ...settled(body), machine: machineOf(body), keyFingerprint, generation }, 'its key was renewed after the backup')] };
      }
      case 'current':
        return { steps: body.formerKey === undefined ? [] : [put('Node', node, settled(body), 'the renewed key is in use')] };
      case 'former':
      case 'strange':
        return { steps: [] };
    }
  }).catch(() => undefined);
}

/**
 * A node that joins again with its own key is as it was, and uses up nothing: its answer may have been lost. A known name is
 * given to another key only by a token made for it.
 */
function decideJoin({ name, labels, keyFingerprint }: JoinRequest, { tokenId, authority }: { readonly tokenId: string; readonly authority: string }, view: View): readonly Change[] {
  requireGrid(view);
  const before = view.get('Node', name)?.body;
  if (before?.keyFingerprint === keyFingerprint) return [];
  const { token, step } = useToken(view, tokenId, name);
  if (before !== undefined) {
    requireFree(name, token.node === name, view);
    const { number, labels: kept, availability } = before;
    return [step, put('Node', name, { number, labels: kept, availability, keyFingerprint, authority, isUnconfirmed: true }, 'joined again with another key')];
  }
  const node: NodeBody = { number: lowestFree(view), labels: [...new Set([...token.labels, ...labels])], availability: 'active', keyFingerprint, authority };
  return [step, put('Node', name, keepsData(name, view) ? { ...node, isUnconfirmed: true } : node, 'joined')];
}

function requireFree(name: string, isMeant: boolean, view: View): void {
  if (!isMeant) throw new KontenaError('KON_NODE_NAME_TAKEN', `grid ${view.grid} has a node called ${name}, and this machine does not have its key`);
  const state = view.get('Pulse', name)?.body.state;
  if (state === 'heard' || state === 'engine') throw new KontenaError('KON_NODE_NAME_TAKEN', `the machine that is node ${name} of grid ${view.grid} is connected: stop its agent first`);
}

/** Whether something that keeps data belongs to a node of this name that was removed. */
const keepsData = (name: string, view: View): boolean =>
  view.instancesOn(name).some(({ body }) => view.get('Service', serviceRevisionName(body.service, body.revision))?.body.spec.stateful ?? true);

/** The lowest number from 1 that no node of the grid has. */
function lowestFree(view: View): number {
  const taken = new Set(view.list('Node').map(({ body }) => body.number));
  let number = 1;
  while (taken.has(number)) number += 1;
  return number;
}
