/** A client of the master: Control over gRPC. Kept small, because the CLI starts with it. */
export { type Connected, connect, type Credential } from './connect.js';
