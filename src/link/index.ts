/** The link: everything that goes between master, agents and clients. gRPC and certificates live here; generated types never leave. */
export { openAgentLink } from './agent/agent-link.js';
export { joinCluster } from './agent/join.js';
export { AUTHORITIES_FILE, readMembership } from './agent/membership.js';
export { checkPki } from './pki/index.js';
export { createMasterLink, type MasterLink } from './server/master-link.js';
