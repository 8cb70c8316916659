/** The image registry of a grid, as its users have it. */
export { authorityOf } from './authority.js';
export { withRegistry } from './client.js';
export { createRegistry } from './create.js';
export { keepForDocker } from './docker-login.js';
export { type Image, imagesIn } from './images.js';
export { collectGarbage, imageOf, pruningOf, removeImages, usedBy } from './prune.js';
export type { Storage } from './storage.js';
