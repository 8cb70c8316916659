import type { ControlServer } from '../../gen/kontena/v1/control.js';
import type { ServingOf } from '../serving.js';
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

/** Control as gRPC serves it: one file for each group of calls. */
export const controlService = (serving: ServingOf, caFingerprint: () => string): ControlServer => ({
  ...masterCalls(serving('master')),
  ...resourceCalls(serving('resources')),
  ...gridCalls(serving('grids')),
  ...stackCalls(serving('stacks')),
  ...serviceCalls(serving('services')),
  ...instanceCalls(serving('instances')),
  ...eventCalls(serving('events')),
  ...nodeCalls(serving('nodes')),
  ...networkCalls(serving('network')),
  ...vaultCalls(serving('vault')),
  ...volumeCalls(serving('volumes')),
  ...registryCalls(serving('registries')),
  ...tokenCalls(serving('tokens'), caFingerprint),
  ...credentialCalls(serving('credentials')),
  ...providerCalls(serving('providers')),
  ...userCalls(serving('users')),
  ...sessionCalls(serving('sessions')),
  ...memberCalls(serving('members')),
  ...roleCalls(serving('roles')),
  ...auditCalls(serving('audit')),
  ...sourceCalls(serving('sources')),
});
