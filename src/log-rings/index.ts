/** Logs in rings of files: re2js lives here. */
export { fileLogRings } from './file-log-rings.js';
