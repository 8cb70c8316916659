/** What the operating system says in codes, in words that may end a sentence: `stack.yml cannot be read: …`. */
const WORDS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file or directory',
  EACCES: 'this user may not',
  EPERM: 'this user may not',
  EISDIR: 'it is a directory',
  ENOTDIR: 'a part of its path is no directory',
  EEXIST: 'it is there already',
  ENOTEMPTY: 'the directory is not empty',
  ELOOP: 'its links lead in a circle',
  ENAMETOOLONG: 'the name is too long',
  EROFS: 'the disk can only be read',
  ENOSPC: 'the disk is full',
  EDQUOT: 'the quota of this user is used up',
  EMFILE: 'too many files are open',
  EBUSY: 'it is in use',
  EIO: 'the disk fails',
  ECONNREFUSED: 'nothing listens',
  ECONNRESET: 'the connection was cut',
  EPIPE: 'the connection was cut',
  ETIMEDOUT: 'there was no answer in time',
  EHOSTUNREACH: 'there is no way',
  ENETUNREACH: 'there is no way',
  EADDRINUSE: 'the address is in use',
  EADDRNOTAVAIL: 'this machine does not have the address',
  ENOTFOUND: 'nobody knows the name',
  EAI_AGAIN: 'names cannot be looked up',
};

/** What Node tells of a call to the operating system that failed. */
interface SystemFault {
  readonly message: string;
  readonly address?: unknown;
  readonly port?: unknown;
  readonly hostname?: unknown;
}

/** `nothing listens` for ECONNREFUSED; undefined for a code that is not known. */
const wordsFor = (code: string): string | undefined => (Object.hasOwn(WORDS, code) ? WORDS[code] : undefined);

/** The words for the code that a text of the system holds: `connect ECONNREFUSED 127.0.0.1:1`; the text itself where it holds none. */
export const inWords = (text: string): string => wordsFor(/\bE[A-Z_]{2,}\b/.exec(text)?.[0] ?? '') ?? text;

/** Asked by its looks: errors of the system are not always of this realm's class. */
const isFault = (error: unknown): error is SystemFault => typeof error === 'object' && error !== null && 'message' in error && typeof error.message === 'string';

/** The code by which the system or a library refused: `ENOENT`; empty where there is none. */
export const codeOf = (error: unknown): string => (typeof error === 'object' && error !== null && 'code' in error && typeof error.code === 'string' ? error.code : '');

/** The sentence of any thrown thing. Of what the operating system refuses, in words: codes and its own phrases are for programs. */
export function messageOf(error: unknown): string {
  if (!isFault(error)) return String(error);
  const { address, port, hostname, message } = error;
  const words = wordsFor(codeOf(error));
  if (words === undefined) return message;
  if (typeof hostname === 'string') return `${words} ${hostname}`;
  if (typeof address !== 'string' || typeof port !== 'number') return words; // of a socket the caller names the path
  return `${words} at ${address.includes(':') ? `[${address}]` : address}:${port}`;
}
