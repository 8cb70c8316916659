/** The nouns, and the pure functions on them. Imports nothing. */
export * from './affinity.js';
export * from './assignment.js';
export * from './availability.js';
export * from './change.js';
export * from './entry.js';
export * from './errors.js';
export * from './group.js';
export * from './heads.js';
export * from './message.js';
export * from './names.js';
export * from './nearest.js';
export * from './plan.js';
export * from './records.js';
export * from './same.js';
export * from './service.js';
export * from './time.js';
export * from './vault.js';
