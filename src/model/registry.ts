import type { Records } from './heads.js';

/** Every name in a grid ends in the grid's own and this. */
export const DOMAIN = 'kontena.local';

/** What the names of a grid end in: `default.kontena.local`. */
export const domainOf = (grid: string): string => `${grid}.${DOMAIN}`.toLowerCase();

/** The stack that is a grid's own image registry, */
export const REGISTRY_STACK = 'registry';
/** its service, */
export const REGISTRY_SERVICE = 'api';
/** who alone has an account with it, */
export const REGISTRY_USER = 'admin';
/** and the secret that is the password. */
export const REGISTRY_PASSWORD = 'registry-password';

/** What images of the grid's own registry begin with in stack files: `registry/todo:1.4`. */
const SHORT = 'registry/';

/** Where a grid's own registry is, inside and for the engines of its nodes: `registry.default.kontena.local`. */
export const registryHost = (grid: string): string => `${REGISTRY_STACK}.${domainOf(grid)}`;

/** Whether an image is written as the grid's own. */
export const isShortImage = (image: string): boolean => image.startsWith(SHORT);

/** An image as engines ask for it: `registry/todo:1.4` is the grid's own; all else is as it is. */
export const wholeImage = (image: string, grid: string): string => (isShortImage(image) ? `${registryHost(grid)}/${image.slice(SHORT.length)}` : image);

/** Whether an image comes from the grid's own registry, however it is written. */
export const isOwnImage = (image: string, grid: string): boolean => wholeImage(image, grid).startsWith(`${registryHost(grid)}/`);

/** Whether the grid has a registry of its own. */
export const hasRegistry = (records: Records): boolean => records.get('Stack', REGISTRY_STACK) !== undefined;
