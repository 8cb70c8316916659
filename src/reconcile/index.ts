/** When to plan: on change, on time, after failure, and on a full scan. */
export { type Controller } from './controller.js';
export { Loop } from './loop.js';
export { run, type Running } from './run.js';
