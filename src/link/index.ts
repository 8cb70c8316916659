/** The link: everything that goes between master, agents and clients. gRPC and certificates live here; generated types never leave. */
export { type AgentLinkOptions, openAgentLink } from './agent/agent-link.js';
export { joinCluster, type JoinOptions } from './agent/join.js';
export { type Membership, readMembership } from './agent/membership.js';
export { createMasterLink, type ListenOptions, type MasterLink, type MasterLinkOptions } from './server/master-link.js';
export { type FromMaster, type FromNode, MasterSessions, NodeSession, type Peer, type Wire } from './session/index.js';
