/** What master and agent say to each other, apart from gRPC: sessions on any wire, so that a simulated one does as well. */
export type { FromMaster, FromNode } from './messages.js';
export type { Peer } from './master-session.js';
export { MasterSessions } from './master-sessions.js';
export { NodeSession } from './node-session.js';
export type { Wire } from './wire.js';
