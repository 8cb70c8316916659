import type { ActionName, Actions } from './actions.js';
import { AUDIT_ACTIONS, type AuditCalls } from './audit.js';
import { CREDENTIAL_ACTIONS, type CredentialCalls } from './credentials.js';
import { EVENT_ACTIONS, type EventCalls } from './events.js';
import { GRID_ACTIONS, type GridCalls } from './grids.js';
import { INSTANCE_ACTIONS, type InstanceCalls } from './instances.js';
import { MASTER_ACTIONS, type MasterCalls } from './master.js';
import { MEMBER_ACTIONS, type MemberCalls } from './members.js';
import { NETWORK_ACTIONS, type NetworkCalls } from './network.js';
import { NODE_ACTIONS, type NodeCalls } from './nodes.js';
import { PROVIDER_ACTIONS, type ProviderCalls } from './providers.js';
import { REGISTRY_ACTIONS, type RegistryCalls } from './registries.js';
import { RESOURCE_KINDS, RESOURCE_VERBS } from './kinds.js';
import { RESOURCE_ACTIONS, type ResourceCalls } from './resources.js';
import { ROLE_ACTIONS, type RoleCalls } from './roles.js';
import { SESSION_ACTIONS, type SessionCalls } from './sessions.js';
import { SERVICE_ACTIONS, type ServiceCalls } from './services.js';
import { SOURCE_ACTIONS, type SourceCalls } from './sources.js';
import { STACK_ACTIONS, type StackCalls } from './stacks.js';
import { TOKEN_ACTIONS, type TokenCalls } from './tokens.js';
import { USER_ACTIONS, type UserCalls } from './users.js';
import { VAULT_ACTIONS, type VaultCalls } from './vault.js';
import { VOLUME_ACTIONS, type VolumeCalls } from './volumes.js';

/**
 * What a client may ask of the master, by noun: served by the api, carried by the link, used by the CLI.
 * Names may be short where the kind allows; every refusal is a KontenaError. Calls do not know their group, and may be
 * taken out of it.
 */
export interface Control {
  readonly master: MasterCalls;
  readonly resources: ResourceCalls;
  readonly grids: GridCalls;
  readonly stacks: StackCalls;
  readonly services: ServiceCalls;
  readonly instances: InstanceCalls;
  readonly events: EventCalls;
  readonly nodes: NodeCalls;
  readonly network: NetworkCalls;
  readonly vault: VaultCalls;
  readonly volumes: VolumeCalls;
  readonly registries: RegistryCalls;
  readonly tokens: TokenCalls;
  readonly credentials: CredentialCalls;
  readonly providers: ProviderCalls;
  readonly users: UserCalls;
  readonly sessions: SessionCalls;
  readonly members: MemberCalls;
  readonly roles: RoleCalls;
  readonly audit: AuditCalls;
  readonly sources: SourceCalls;
}

/** The action of every call. */
export const ACTIONS: { readonly [Group in keyof Control]: Actions<Control[Group]> } = {
  master: MASTER_ACTIONS,
  resources: RESOURCE_ACTIONS,
  grids: GRID_ACTIONS,
  stacks: STACK_ACTIONS,
  services: SERVICE_ACTIONS,
  instances: INSTANCE_ACTIONS,
  events: EVENT_ACTIONS,
  nodes: NODE_ACTIONS,
  network: NETWORK_ACTIONS,
  vault: VAULT_ACTIONS,
  volumes: VOLUME_ACTIONS,
  registries: REGISTRY_ACTIONS,
  tokens: TOKEN_ACTIONS,
  credentials: CREDENTIAL_ACTIONS,
  providers: PROVIDER_ACTIONS,
  users: USER_ACTIONS,
  sessions: SESSION_ACTIONS,
  members: MEMBER_ACTIONS,
  roles: ROLE_ACTIONS,
  audit: AUDIT_ACTIONS,
  sources: SOURCE_ACTIONS,
};

/** The name of every action, in order. */
export const ACTION_NAMES: readonly ActionName[] = [...new Set([
  ...Object.values(ACTIONS).flatMap((actions) => Object.values<{ readonly action: unknown }>(actions).map(({ action }) => action)).filter((action): action is ActionName => typeof action === 'string'),
  ...RESOURCE_KINDS.flatMap((kind) => RESOURCE_VERBS.map((verb): ActionName => `${kind}.${verb}`)),
])].sort();
