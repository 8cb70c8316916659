import { type Entry, elapsedMs, isName, KontenaError, type Millis, put } from '../model/index.js';
import type { Clock, Enrolment, Joined, JoinRequest, Store, View } from '../ports/index.js';
import { requireLabels } from './nodes.js';
import { requireGrid } from './require-grid.js';
import { requireToken } from './tokens.js';

/** As long as an agent may take to come back to a restarted master: the longest wait between its tries. */
const RETURN_MS: Millis = 30_000;

/** The api's answers to agents that knock. */
export function createEnrolment({ store, clock }: { readonly store: Store; readonly clock: Clock }): Enrolment {
  const startedAt = clock.now();
  return {
    join: async (request) => {
      if (!isName(request.name)) throw new KontenaError('KON_INVALID', `"${request.name}" cannot name a node: letters, digits, - and _, at most 63 of them, are wanted`);
      requireLabels(request.labels);
      const { grid, entry: token } = requireToken(store, request.token, clock.now());
      const mayReturn = elapsedMs(startedAt, clock.now()) < RETURN_MS;
      await store.update({ writer: 'api', grid, actor: `token ${token.name}` }, (view) => ({ steps: decideJoin(request, token, { view, mayReturn }) }));
      return { grid, node: request.name } satisfies Joined;
    },
    admit: (grid, node, keyFingerprint) => {
      const entry = store.view(grid).get('Node', node);
      if (entry === undefined) throw new KontenaError('KON_NODE_REMOVED', `node ${node} was removed from grid ${grid}`);
      if (entry.body.keyFingerprint !== keyFingerprint) {
        throw new KontenaError('KON_CERTIFICATE_UNTRUSTED', `node ${node} of grid ${grid} has another key: it joined anew since, or another machine took its name`);
      }
    },
  };
}

/**
 * A node that joins again with its own key is as it was. A node of that name with another key gives way only while its
 * own agent is not there.
 */
function decideJoin(request: JoinRequest, token: Entry<'Token'>, now: { readonly view: View; readonly mayReturn: boolean }): readonly ReturnType<typeof put>[] {
  const { view } = now;
  requireGrid(view);
  const { name, keyFingerprint } = request;
  const before = view.get('Node', name)?.body;
  if (before?.keyFingerprint === keyFingerprint) return [];
  if (before !== undefined) {
    requireAbsent(name, now);
    return [put('Node', name, { ...before, keyFingerprint }, 'joined again with another key')];
  }
  const labels = [...new Set([...token.body.labels, ...request.labels])];
  return [put('Node', name, { number: lowestFree(view), labels, availability: 'active', keyFingerprint }, 'joined')];
}

function requireAbsent(name: string, { view, mayReturn }: { readonly view: View; readonly mayReturn: boolean }): void {
  const state = view.get('Pulse', name)?.body.state ?? 'unheard';
  if (state === 'heard' || state === 'engine') throw new KontenaError('KON_NODE_NAME_TAKEN', `a connected node of grid ${view.grid} is called ${name}`);
  const wasOnline = view.get('Health', name)?.body.phase === 'online';
  if (state === 'unheard' && wasOnline && mayReturn) {
    throw new KontenaError('KON_NODE_NAME_TAKEN', `a node of grid ${view.grid} is called ${name}, and may yet come back to the master, which has just started`);
  }
}

/** The lowest number from 1 that no node of the grid has. */
function lowestFree(view: View): number {
  const taken = new Set(view.list('Node').map(({ body }) => body.number));
  let number = 1;
  while (taken.has(number)) number += 1;
  return number;
}

