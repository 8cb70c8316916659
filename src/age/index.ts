/** Files that are sealed in the format of age. */
export { isSealed, MARK_BYTES, type Opener, opened, type Recipients, sealed } from './age.js';
