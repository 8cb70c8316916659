import type { ResourceKind } from '../../ports/index.js';
import { certificates } from './certificate.js';
import { instances } from './instance.js';
import { nodes } from './node.js';
import { members, roles } from './members.js';
import { credentials, grids, sources, tokens } from './others.js';
import { providers, sessions, users } from './people.js';
import { registries } from './registry.js';
import type { Shape } from './resource.js';
import { routes } from './route.js';
import { secrets } from './secret.js';
import { services } from './service.js';
import { stacks } from './stack.js';
import { volumes } from './volume.js';

export { currentRevision } from './current-revision.js';
export { seen } from './instance.js';
export { pendingSlots } from './pending-slots.js';
export { isHealthy } from './is-healthy.js';
export { type Revert, revertedText, revertOf } from './revert.js';
export { isLeft } from './service.js';
export { waitOf } from './wait.js';

/** How each kind is shown. */
export const SHAPES: { readonly [K in ResourceKind]: Shape } = {
  grid: grids,
  node: nodes,
  stack: stacks,
  service: services,
  instance: instances,
  route: routes,
  secret: secrets,
  certificate: certificates,
  volume: volumes,
  registry: registries,
  token: tokens,
  credential: credentials,
  user: users,
  session: sessions,
  provider: providers,
  member: members,
  role: roles,
  source: sources,
};
