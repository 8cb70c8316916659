/** A client of the master: Control over gRPC. Kept small, because the CLI starts with it. */
export { joinBytes } from '../join-bytes.js';
export { type Connected, connect, type Credential } from './connect.js';
