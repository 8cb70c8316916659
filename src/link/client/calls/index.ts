import type { Control } from '../../../ports/index.js';
import type { MasterChannel } from '../call.js';
import { auditCalls } from './audit.js';
import { credentialCalls } from './credentials.js';
import { eventCalls } from './events.js';
import { gridCalls } from './grids.js';
import { instanceCalls } from './instances.js';
import { masterCalls } from './master.js';
import { memberCalls } from './members.js';
import { networkCalls } from './network.js';
import { nodeCalls } from './nodes.js';
import { providerCalls } from './providers.js';
import { registryCalls } from './registries.js';
import { resourceCalls } from './resources.js';
import { roleCalls } from './roles.js';
import { serviceCalls } from './services.js';
import { sessionCalls } from './sessions.js';
import { sourceCalls } from './sources.js';
import { stackCalls } from './stacks.js';
import { tokenCalls } from './tokens.js';
import { userCalls } from './users.js';
import { vaultCalls } from './vault.js';
import { volumeCalls } from './volumes.js';

/** Control as a client has it of a master: one file for each group of calls. */
export const remoteControl = (master: MasterChannel): Control => ({
  master: masterCalls(master),
  resources: resourceCalls(master),
  grids: gridCalls(master),
  stacks: stackCalls(master),
  services: serviceCalls(master),
  instances: instanceCalls(master),
  events: eventCalls(master),
  nodes: nodeCalls(master),
  network: networkCalls(master),
  vault: vaultCalls(master),
  volumes: volumeCalls(master),
  registries: registryCalls(master),
  tokens: tokenCalls(master),
  credentials: credentialCalls(master),
  providers: providerCalls(master),
  users: userCalls(master),
  sessions: sessionCalls(master),
  members: memberCalls(master),
  roles: roleCalls(master),
  audit: auditCalls(master),
  sources: sourceCalls(master),
});
