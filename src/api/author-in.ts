import type { Author } from '../ports/index.js';

/** In whose name something is recorded in a grid: the caller's. */
export type AuthorIn = (grid: string) => Author;
