/** A client of the master: Control over gRPC. Kept small, because the CLI starts with it. */
export { carryBoth } from '../carry.js';
export { type Begun, type Door, openDoor, type Papers } from './door.js';
export { type Connected, connect, connectWithToken, type Credential } from './connect.js';
