import { DEFAULT_NODE_PREFIX, FIRST_SUBNET, isoTime, put } from '../model/index.js';
import type { Access, AuditLog, Author, Authority, Caller, CertificateVault, Clock, Control, Enrolment, Events, Nodes, OwnLog, Providers, Random, SignIn, Statistics, Store, Vault } from '../ports/index.js';
import { auditCalls } from './audit.js';
import { createAccess, credentialCalls, keepOwnCredential } from './credentials.js';
import { certificateVault } from './certificate-vault.js';
import { Decisions } from './decisions.js';
import { createEnrolment } from './enrolment.js';
import { eventCalls } from './events.js';
import { FIRST_GRID } from './first-grid.js';
import { gated } from './gate.js';
import { gridCalls, type GridMaker, gridMaker } from './grids.js';
import { instanceCalls } from './instances.js';
import { masterCalls } from './master.js';
import { memberCalls } from './members.js';
import { networkCalls } from './network.js';
import { nodeCalls } from './nodes.js';
import { Notebook } from './notebook.js';
import { noted } from './noted.js';
import { Flows } from './people/flows.js';
import { Guesses } from './people/guesses.js';
import { Passwords } from './people/passwords.js';
import { confirm, providerCalls } from './people/providers.js';
import { endOwnSession, type SessionMeans, whoIs } from './people/sessions.js';
import { createSignIn } from './people/sign-in.js';
import { userCalls } from './people/users.js';
import { registryCalls } from './registries.js';
import { resourceCalls } from './resources.js';
import { Revocations } from './revocations.js';
import { roleCalls } from './roles.js';
import { serviceCalls } from './services.js';
import { sourceCalls } from './sources.js';
import { stackCalls } from './stacks.js';
import { tokenCalls } from './tokens.js';
import { finishRotation } from './vault-key.js';
import { sweepVault, vaultCalls } from './vault.js';
import { volumeCalls } from './volumes.js';

export interface ApiParts {
  readonly store: Store;
  readonly vault: Vault;
  readonly audit: AuditLog;
  readonly clock: Clock;
  readonly random: Random;
  /** The way to what is not state: logs, what is in volumes. */
  readonly nodes: Nodes;
  /** What the master says itself. */
  readonly ownLog: OwnLog;
  readonly events: Events;
  readonly statistics: Statistics;
  readonly authority: Authority;
  /** Whoever vouches for people. */
  readonly providers: Providers;
  /** The master's whole state as one file, in pieces. */
  readonly pack: (signal: AbortSignal) => AsyncIterable<Uint8Array>;
  readonly version: string;
}

export interface Api {
  /** What this caller may ask; what it records bears the caller's name. */
  control(caller: Caller): Control;
  readonly enrolment: Enrolment;
  readonly signIn: SignIn;
  readonly access: Access;
  /** For whoever orders certificates. */
  readonly certificateVault: CertificateVault;
  /** Records the master's own credential after it has changed. */
  keepOwnCredential(): Promise<void>;
  /** Makes the grid `default` where there is none, at the first start; erases what the vault keeps for nobody, and ends a change of its key that was cut short; records the master's own credential. */
  prepare(): Promise<void>;
}

/** Builds the use cases upon a store. */
export function createApi(parts: ApiParts): Api {
  const { store, clock } = parts;
  const notebook = new Notebook(parts.audit, clock);
  const answering = { ...parts, notebook, grids: gridMaker(store), revocations: new Revocations(store), guesses: new Guesses(clock), passwords: new Passwords(parts.random), flows: new Flows(clock, parts.random), confirm: (...asked: Parameters<SessionMeans['confirm']>) => confirm(parts, ...asked), startedAt: isoTime(clock.now()) };
  return {
    control: (caller) => createControl(answering, caller),
    enrolment: createEnrolment({ store, clock, authority: parts.authority, notebook }),
    signIn: createSignIn(answering),
    access: createAccess({ store, clock, notebook }),
    certificateVault: certificateVault(parts),
    keepOwnCredential: () => keepOwnCredential(parts),
    prepare: async () => {
      await store.update({ writer: 'api', grid: FIRST_GRID }, (view) => ({
        steps: view.get('Grid', FIRST_GRID) === undefined ? [put('Grid', FIRST_GRID, { defaultAffinity: [], subnet: FIRST_SUBNET, nodePrefix: DEFAULT_NODE_PREFIX }, 'the first grid')] : [],
      }));
      await sweepVault(parts);
      await finishRotation(parts, (grid) => ({ writer: 'api', grid }));
      await keepOwnCredential(parts);
    },
  };
}

interface Answering extends ApiParts {
  readonly notebook: Notebook;
  readonly grids: GridMaker;
  readonly revocations: Revocations;
  readonly guesses: Guesses;
  readonly passwords: Passwords;
  readonly confirm: SessionMeans['confirm'];
  readonly startedAt: string;
}

function createControl(parts: Answering, caller: Caller): Control {
  const decisions = new Decisions();
  const author = (grid: string): Author => ({ writer: 'api', grid, actor: caller.name, ...decisions.heard });
  const control: Control = {
    master: masterCalls(parts),
    resources: resourceCalls(parts, author, caller),
    grids: gridCalls(parts, author),
    stacks: stackCalls(parts, author),
    services: serviceCalls(parts, author),
    instances: instanceCalls(parts, caller),
    events: eventCalls(parts, caller),
    nodes: nodeCalls(parts, author),
    network: networkCalls(parts),
    vault: vaultCalls(parts, author),
    volumes: volumeCalls(parts, author),
    registries: registryCalls(parts, author),
    tokens: tokenCalls(parts, author, caller),
    credentials: credentialCalls(parts, author, caller),
    providers: providerCalls(parts, author(FIRST_GRID)),
    users: userCalls(parts, author, caller),
    sessions: { who: () => Promise.resolve(whoIs(parts.store, caller)), end: () => endOwnSession(parts.store, author(FIRST_GRID), caller) },
    members: memberCalls(parts, author, caller),
    roles: roleCalls(parts, author),
    audit: auditCalls(parts, caller),
    sources: sourceCalls(parts, author),
  };
  const { store, revocations, notebook } = parts;
  return noted(gated(control, { store, caller, revocations }), { store, caller, notebook, decisions });
}
