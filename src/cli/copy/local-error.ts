import { KontenaError, messageOf } from '../../model/index.js';

/** What keeps a path of this machine from being read or written. */
export const localError = (path: string, what: 'read' | 'written', error: unknown): KontenaError =>
  error instanceof KontenaError ? error : new KontenaError('KON_FILE_UNREADABLE', `${path} cannot be ${what}: ${messageOf(error)}`, { cause: error });
