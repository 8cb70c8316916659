import { DEFAULT_NODE_PREFIX, FIRST_SUBNET, KontenaError, isoTime, put } from '../model/index.js';
import type { Access, Author, Authority, Caller, Clock, Control, Enrolment, Nodes, Random, Store, Vault } from '../ports/index.js';
import { createEnrolment } from './enrolment.js';
import { createAccess, createCredential, keepOwnCredential, renewCredential, revokeCredential } from './credentials.js';
import { FIRST_GRID } from './first-grid.js';
import { followStack } from './follow.js';
import { type GridMaker, gridMaker } from './grids.js';
import { forwardPort } from './forward.js';
import { historyOf } from './history.js';
import { listResources } from './list.js';
import { readLogs } from './logs.js';
import { withoutKind } from './names.js';
import { removeNode, setNode } from './nodes.js';
import { rotateAuthority } from './rotation.js';
import { reportSource } from './source.js';
import { applyStack, removeStack, scaleService } from './stacks.js';
import { createToken, removeToken } from './tokens.js';
import { readCertificate, readSecret, removeFromVault, sweepVault, writeCertificate, writeSecret } from './vault.js';
import { watchResources } from './watch.js';

export interface ApiParts {
  readonly store: Store;
  readonly vault: Vault;
  readonly clock: Clock;
  readonly random: Random;
  /** The way to what is not state: the logs. */
  readonly nodes: Nodes;
  readonly authority: Authority;
  /** The master's whole state as one file, in pieces. */
  readonly pack: (signal: AbortSignal) => AsyncIterable<Uint8Array>;
  readonly version: string;
}

export interface Api {
  /** What this caller may ask; what it records bears the caller's name. */
  control(caller: Caller): Control;
  readonly enrolment: Enrolment;
  readonly access: Access;
  /** Records the master's own credential after it has changed. */
  keepOwnCredential(): Promise<void>;
  /** Makes the grid `default` where there is none, at the first start; erases what the vault keeps for nobody; records the master's own credential. */
  prepare(): Promise<void>;
}

/** Builds the use cases upon a store. */
export function createApi(parts: ApiParts): Api {
  const { store, clock } = parts;
  const startedAt = isoTime(clock.now());
  const grids = gridMaker(store);
  return {
    control: (caller) => createControl({ ...parts, grids }, caller, startedAt),
    enrolment: createEnrolment({ store, clock, authority: parts.authority }),
    access: createAccess(parts),
    keepOwnCredential: () => keepOwnCredential(parts),
    prepare: async () => {
      await store.update({ writer: 'api', grid: FIRST_GRID }, (view) => ({
        steps: view.get('Grid', FIRST_GRID) === undefined ? [put('Grid', FIRST_GRID, { defaultAffinity: [], subnet: FIRST_SUBNET, nodePrefix: DEFAULT_NODE_PREFIX }, 'the first grid')] : [],
      }));
      await sweepVault(parts);
      await keepOwnCredential(parts);
    },
  };
}

function createControl(parts: ApiParts & { readonly grids: GridMaker }, caller: Caller, startedAt: string): Control {
  const { store, clock } = parts;
  const author = (grid: string): Author => ({ writer: 'api', grid, actor: caller.name });
  return {
    info: () => Promise.resolve({ version: parts.version, ...store.identity, revision: store.revision, startedAt }),
    list: (query) => listResources(store, query),
    watch: (query, signal) => watchResources(store, clock, query, signal),
    apply: (request) => applyStack(parts, author(request.grid), request),
    follow: (grid, stack, revision, signal) => followStack(store, clock, { grid, stack, revision }, signal),
    scale: (grid, service, instances) => scaleService(store, author(grid), service, instances),
    remove: async (grid, kind, typed) => {
      const name = withoutKind(kind, typed);
      switch (kind) {
        case 'stack':
          return removeStack(store, author(grid), name);
        case 'node':
          return removeNode(store, author(grid), name);
        case 'token':
          return removeToken(store, author(grid), name);
        case 'credential':
          return revokeCredential(store, author(grid), name);
        case 'secret':
          return removeFromVault(parts, author(grid), { kind: 'Secret', name });
        case 'certificate':
          return removeFromVault(parts, author(grid), { kind: 'Certificate', name });
        case 'service':
        case 'instance':
          throw new KontenaError('KON_INVALID', `${kind} ${name} cannot be removed by itself: apply its stack without it, or scale it`);
        case 'grid':
          return parts.grids.remove({ writer: 'api', actor: caller.name }, name);
        case 'source':
          throw new KontenaError('KON_INVALID', `a ${kind} cannot be removed`);
      }
    },
    createGrid: (request) => parts.grids.create({ writer: 'api', actor: caller.name }, request),
    writeSecret: (grid, request) => writeSecret(parts, author(grid), request),
    readSecret: (grid, name) => readSecret(parts, grid, name),
    writeCertificate: (grid, bundle, subject) => writeCertificate(parts, author(grid), bundle, subject),
    readCertificate: (grid, subject) => readCertificate(parts, grid, subject),
    setNode: (grid, node, change) => setNode(store, author(grid), withoutKind('node', node), change),
    createToken: (grid, request) => createToken(parts, author(grid), request),
    createCredential: (name, lifetimeSeconds) => createCredential(parts, author(FIRST_GRID), name, lifetimeSeconds),
    renewCredential: () => renewCredential(parts, author(FIRST_GRID), caller),
    rotateAuthority: (request) => rotateAuthority(parts, request),
    history: (grid, kind, name) => historyOf(store, grid, kind, name),
    logs: (grid, name, query, signal) => readLogs(parts, { grid, name, query }, signal),
    forward: (grid, target, signal) => forwardPort(parts, grid, target, signal),
    backup: (signal) => parts.pack(signal),
    reportSource: (grid, source) => {
      reportSource(parts, author(grid), source);
      return Promise.resolve();
    },
  };
}
