import type { MoveBody, TransferBody } from './moving.js';
import type { CertificateRequestBody, OrderBody, RenewalBody } from './ordering.js';
import type { ProviderBody, RobotBody, SessionBody, UserBody } from './people.js';
import type { RoleSpec } from './roles.js';
import type { BalancingBody, RouteBody } from './routing.js';
import type { ServiceSpec, StackSpec } from './service.js';
import type { Instant, Millis } from './time.js';
import type { CertificateBody, PrivateKeyBody, RegistryBody, SecretBody } from './vault.js';
import type { VolumeBody } from './volumes.js';

/** The number of the newest change. Grows by one per change of a desired record; never used twice. */
export type Revision = number;

/**
 * The whole data flow in one table: what is stored, who alone may write it, and whether it is
 * desired (history: appended, never changed) or observed (weather: only the latest reading, in memory).
 */
export const KIND = {
  Grid: { writer: 'api', state: 'desired' },
  Stack: { writer: 'api', state: 'desired' },
  Node: { writer: 'api', state: 'desired' },
  Token: { writer: 'api', state: 'desired' },
  Credential: { writer: 'api', state: 'desired' },
  Role: { writer: 'api', state: 'desired' },
  Member: { writer: 'api', state: 'desired' },
  User: { writer: 'api', state: 'desired' },
  Provider: { writer: 'api', state: 'desired' },
  Session: { writer: 'api', state: 'desired' },
  Secret: { writer: 'api', state: 'desired' },
  Certificate: { writer: 'api', state: 'desired' },
  CertificateRequest: { writer: 'api', state: 'desired' },
  PrivateKey: { writer: 'api', state: 'desired' },
  Registry: { writer: 'api', state: 'desired' },
  Volume: { writer: 'api', state: 'desired' },
  Move: { writer: 'api', state: 'desired' },
  Service: { writer: 'stack', state: 'desired' },
  Rollout: { writer: 'rollout', state: 'desired' },
  Instance: { writer: 'scheduler', state: 'desired' },
  Placement: { writer: 'scheduler', state: 'desired' },
  HooksDone: { writer: 'hooks', state: 'desired' },
  Binding: { writer: 'volume', state: 'desired' },
  Health: { writer: 'node-health', state: 'desired' },
  Lease: { writer: 'network', state: 'desired' },
  Route: { writer: 'load-balancer', state: 'desired' },
  Renewal: { writer: 'certificates', state: 'desired' },
  Order: { writer: 'acme', state: 'desired' },
  Transfer: { writer: 'mover', state: 'desired' },
  Facts: { writer: 'link', state: 'observed' },
  Report: { writer: 'link', state: 'observed' },
  Pulse: { writer: 'link', state: 'observed' },
  NodeNetwork: { writer: 'link', state: 'observed' },
  Balancing: { writer: 'link', state: 'observed' },
  Source: { writer: 'api', state: 'observed' },
} as const satisfies { readonly [K in Kind]: { readonly writer: string; readonly state: 'desired' | 'observed' } };

export type Kind = keyof Bodies;
export type Writer = (typeof KIND)[Kind]['writer'];

export interface Bodies {
  Grid: GridBody;
  Stack: StackBody;
  Node: NodeBody;
  Token: TokenBody;
  Credential: CredentialBody;
  Role: RoleSpec;
  Member: MemberBody;
  User: UserBody;
  Provider: ProviderBody;
  Session: SessionBody;
  Secret: SecretBody;
  Certificate: CertificateBody;
  CertificateRequest: CertificateRequestBody;
  PrivateKey: PrivateKeyBody;
  Registry: RegistryBody;
  Volume: VolumeBody;
  Move: MoveBody;
  Service: ServiceBody;
  Rollout: RolloutBody;
  Instance: InstanceBody;
  Placement: PlacementBody;
  HooksDone: HooksDoneBody;
  Binding: BindingBody;
  Health: HealthBody;
  Lease: LeaseBody;
  Route: RouteBody;
  Renewal: RenewalBody;
  Order: OrderBody;
  Transfer: TransferBody;
  Facts: FactsBody;
  Report: ReportBody;
  Pulse: PulseBody;
  NodeNetwork: NodeNetworkBody;
  Balancing: BalancingBody;
  Source: SourceBody;
}

/** Name: the grid's own. One record in each grid. */
export interface GridBody {
  /** Affinity of services that declare none. */
  readonly defaultAffinity: readonly string[];
  /** `10.81.0.0/16`: the addresses of its instances. Of records without it, and without the next, see `gridNetwork`. */
  readonly subnet?: string;
  /** How large a part of the subnet each node owns: 24 is 256 addresses. */
  readonly nodePrefix?: number;
  /** `host:port` of the statsd that its nodes tell their statistics. */
  readonly statsd?: string;
}

/** Name: `todo`. */
export interface StackBody {
  readonly spec: StackSpec;
  /** Instances as scaled by hand, per service; the next apply of the file decides again. */
  readonly scaled: Readonly<Record<string, number>>;
  /** Times a service was applied again after its rollout had gone back, per service; each is a new attempt. */
  readonly retries?: Readonly<Record<string, number>>;
  /** Services that a person has stopped: they stand still, whatever is applied, until a person starts them. */
  readonly stopped?: readonly string[];
  /** Times that a person had the instances of a service replaced by their like, per service. */
  readonly rounds?: Readonly<Record<string, number>>;
  /** The watched file this stack came from; absent when applied by a person. */
  readonly origin?: string;
}

/** Name: `n1`. */
export interface NodeBody {
  /** Lowest free number of the grid at the time of joining, from 1. */
  readonly number: number;
  /** `key` or `key=value`. */
  readonly labels: readonly string[];
  readonly availability: 'active' | 'drain';
  /** Identity of the agent: SHA-256 of its public key, in hex. A certificate with another key does not open the link. */
  readonly keyFingerprint: string;
  /** Its key before, see {@link Keyed}. */
  readonly formerKey?: string;
  /** The key that it joined with, once that is renewed. */
  readonly machine?: string;
  /** How often its key was renewed. Default 0. */
  readonly generation?: number;
  /** SHA-256 of the authority that signed its newest certificate, in hex. */
  readonly authority?: string;
  /** Another machine has this name than before: nothing that keeps data starts here until a person says that the former one is gone. */
  readonly isUnconfirmed?: boolean;
}

/** Name: the id of the token. The token itself is not stored. */
export interface TokenBody {
  /** SHA-256 of the secret part, in hex. */
  readonly secretHash: string;
  readonly expiresAt: Instant;
  readonly labels: readonly string[];
  /** How many nodes may join with it, */
  readonly uses: number;
  /** how many have, */
  readonly used: number;
  /** and the last of them. */
  readonly lastNode?: string;
  /** Made for the node of this name, which may be known: the machine that joins takes its place. */
  readonly node?: string;
  /** Made for a program that uses the master, and for no machine to join with. */
  readonly robot?: RobotBody;
}

/** Name: whose it is, `ada`; `admin` is the master's own. In the grid `default`, though it opens all. */
export interface CredentialBody {
  /** SHA-256 of its public key, in hex. */
  readonly keyFingerprint: string;
  /** Its key before, see {@link Keyed}. */
  readonly formerKey?: string;
  readonly endsAt: Instant;
  /** How long it was made for: as long as it is when it renews itself. */
  readonly lifetimeMs: Millis;
  /** SHA-256 of the authority that signed it, in hex. */
  readonly authority: string;
  readonly isRevoked: boolean;
  /** Its roles say what it may do. One made before there were roles may do everything, and so may the master's own. */
  readonly isByRoles?: boolean;
}

/** Name: whose credential, `ada`, or which user; `group/devs` for all whom their provider counts to a group. What they may do in this grid. */
export interface MemberBody {
  readonly roles: readonly string[];
  /** In the grid `default` alone: what it may do to the master, and so in every grid. */
  readonly masterRoles?: readonly string[];
}

/**
 * Name: `todo/web@41`: revision 41 of a service's declaration. What does not touch the containers (instances, deploy, affinity)
 * changes in place, and is the same in every record that is kept of the service.
 */
export interface ServiceBody {
  readonly spec: ServiceSpec;
  /** False for what the stack no longer declares in this form; kept while anything refers to it. */
  readonly isCurrent: boolean;
  /** Times it was applied again after its rollout had gone back. Default 0. */
  readonly retries?: number;
  /** It is to stand still, in every record that is kept of it. Default false. */
  readonly isStopped?: boolean;
  /** Times that its instances were to be replaced by their like, in every record that is kept of it. Default 0. */
  readonly rounds?: number;
}

/** Name: `todo`, the stack's. Which revision each slot of each service is to run now. */
export interface RolloutBody {
  readonly services: Readonly<Record<string, ServiceRollout>>;
  /** Services that nothing is to run of yet, and the one of the same stack that each waits for, all by short name. */
  readonly waits?: Readonly<Record<string, string>>;
}

export interface ServiceRollout {
  /** Slots run this revision of the service, */
  readonly revision: Revision;
  /** but these slots still run the revision named here. Empty when all were told to move. */
  readonly still: Readonly<Record<string, Revision>>;
  /** While all are replaced by their like: instances of rounds before this one make way, but for those of `still`. */
  readonly round?: Revision;
  /** Of the declaration when a round of its own was last begun for it, see {@link ServiceBody}. Default 0. */
  readonly rounds?: number;
  /** The last revision that all slots served, and when they were seen to: where a failed rollout goes back to. */
  readonly complete?: { readonly revision: Revision; readonly at: Instant };
  /** The declaration that the slots went back from, or are going back from. */
  readonly reverted?: Reverted;
}

/** A declaration that did not come up, and the evidence. */
export interface Reverted {
  readonly from: Revision;
  /** Of the declaration when it failed: with another number it is a new attempt. */
  readonly retries: number;
  /** `todo/web.2@58`. */
  readonly instance: string;
  /** e.g. `ended with exit code 3`. */
  readonly reason: string;
}

/** Name: `todo/web.2@57`. */
export interface InstanceBody {
  /** `todo/web`. */
  readonly service: string;
  readonly slot: number;
  /** Revision of the service's declaration: `todo/web@41` has 41. */
  readonly revision: Revision;
  readonly node: string;
  readonly wanted: 'running' | 'stopped';
  readonly reserves: Reserves;
}

/** What an instance takes of its node. */
export interface Reserves {
  readonly cpus: number;
  readonly memoryBytes: number;
  /** `tcp/0.0.0.0/80`. */
  readonly ports: readonly string[];
}

/** Name: `todo/web`. Slots that have no node, and why. */
export interface PlacementBody {
  readonly slots: readonly number[];
  /** One sentence, e.g. `no node fits: 2 of 3 lack ssd, 1 is offline`. */
  readonly reason: string;
  readonly refusals: readonly Refusal[];
}

/** How many nodes one filter refused, with up to three of them in words. */
export interface Refusal {
  readonly filter: string;
  readonly count: number;
  readonly examples: readonly string[];
}

/** Name: `todo/web.2`, the slot's. Kept as long as its service. */
export interface HooksDoneBody {
  /** Those that run once in the life of a service: `preStart migrate`. */
  readonly hooks: readonly string[];
}

/** Name: `todo/db.1`, the slot's. On which node the data lies that is its own. */
export interface BindingBody {
  readonly node: string;
  /** The declared volumes among it; a stateful slot has what its containers keep besides. */
  readonly volumes: readonly string[];
}

export type NodePhase = 'created' | 'connecting' | 'online' | 'offline';

/** Name: the node's. */
export interface HealthBody {
  readonly phase: NodePhase;
  readonly since: Instant;
  /** It was offline before: work moves back to it only after a grace. */
  readonly wasLost: boolean;
}

/** Name: the node's. Which part of the grid's subnet it owns, and what other nodes need to reach it. */
export interface LeaseBody {
  /** `10.81.3.0/24`; kept for the node's life. */
  readonly subnet?: string;
  /** Why it has none, or what is wrong with what it has, in one sentence. */
  readonly reason?: string;
  /** As the node last said, so that the peers of a silent node are known: of its tunnels, base64; absent where it may not be used. */
  readonly publicKey?: string;
  /** `host:port` where the node's own network reaches its tunnels. */
  readonly privateAddress?: string;
  /** `host:port` where the master's network does. */
  readonly publicAddress?: string;
}

/** Name: the node's. What a node is. */
export interface FactsBody {
  readonly agentVersion: string;
  readonly engineVersion: string;
  readonly engineApiVersion: string;
  readonly operatingSystem: string;
  readonly kernel: string;
  readonly architecture: string;
  readonly cpus: number;
  readonly memoryBytes: number;
  readonly volumeDrivers: readonly string[];
  readonly networkDrivers: readonly string[];
  readonly addresses: readonly string[];
}

export type InstancePhase = 'pending' | 'pulling' | 'creating' | 'starting' | 'running' | 'stopping' | 'stopped' | 'failed';

/** Name: the instance's. What its agent last said of it. */
export interface ReportBody {
  readonly node: string;
  readonly phase: InstancePhase;
  readonly health?: 'starting' | 'healthy' | 'unhealthy';
  /** Its address on the grid's network: `10.81.3.7`. */
  readonly address?: string;
  /** The engine's id of the container. */
  readonly container?: string;
  readonly since: Instant;
  /** Times the container ended and was started again. */
  readonly restarts: number;
  /** Why it is not running, or what went wrong with its hooks, in one sentence. */
  readonly reason?: string;
  readonly exitCode?: number;
  /** The last lines the container wrote before it ended, or a hook that went wrong. */
  readonly output?: readonly string[];
  /** Of the slot, see {@link HooksDoneBody}. */
  readonly hooksDone?: readonly string[];
}

/** Name: the node's. Whether its agent is heard; changes only when that changes. */
export interface PulseBody {
  /** `unheard`: not yet since the master began to listen; `engine`: the agent is there, its container engine does not answer. */
  readonly state: 'unheard' | 'heard' | 'engine' | 'silent';
  readonly since: Instant;
  readonly reason?: string;
}

/** Name: the node's. What its agent last said of its network. */
export interface NodeNetworkBody {
  /** Of its tunnels, base64; absent while there are none. */
  readonly publicKey?: string;
  /** UDP port of its tunnels. */
  readonly port: number;
  /** Its own, the one towards the master first. */
  readonly addresses: readonly string[];
  /** Where the master sees it dial from. */
  readonly seenFrom?: string;
  readonly implementation?: 'wireguard' | 'wireguard-go';
  /** Subnets that it routes already, and those of its engine's networks; the grid's own left out. */
  readonly routes: readonly string[];
  readonly problems: readonly NetworkProblem[];
}

/** What a node lacks for its network. */
export interface NetworkProblem {
  readonly what: string;
  readonly reason: string;
  readonly remedy: string;
}

/** Name: absolute path of the watched file, so that two watched directories do not meet. */
export interface SourceBody {
  readonly directory: string;
  readonly stack?: string;
  readonly error?: string;
  readonly at: Instant;
}
