/** Every way to touch the world: types, and what each call of a client is. */
export type * from './access.js';
export type * from './audit.js';
export type * from './clock.js';
export * from './control/index.js';
export type * from './dialer.js';
export type * from './engine-network.js';
export type * from './link.js';
export type * from './log.js';
export type * from './machine-network.js';
export type * from './memory.js';
export type * from './name-server.js';
export type * from './prober.js';
export type * from './random.js';
export type * from './runtime.js';
export type * from './store.js';
export type * from './tunnel-keys.js';
export type * from './vault.js';
