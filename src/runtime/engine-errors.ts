import { type ErrorCode, KontenaError, messageOf } from '../model/index.js';

/** What the engine, or the way to it, threw. */
interface EngineFault {
  readonly statusCode?: number;
  readonly code?: string | number;
  readonly name?: string;
  readonly json?: { readonly message?: string } | null;
}

const faultOf = (error: unknown): EngineFault => (typeof error === 'object' && error !== null ? error : {});

/** The HTTP status of an engine's refusal; undefined when it gave none. */
export const statusOf = (error: unknown): number | undefined => faultOf(error).statusCode;

/**
 * What an engine's failure means to us.
 *
 * @param what what was being done and to what, as the beginning of the sentence: `todo/web.1@5 cannot start`
 */
export function toKontenaError(error: unknown, what: string, socket: string): KontenaError {
  if (error instanceof KontenaError) return error;
  const status = statusOf(error);
  if (status === undefined) return isOfTheWay(error) ? unreachable(error, socket) : new KontenaError('KON_INTERNAL', `${what}: ${messageOf(error)}`, { cause: error });
  const sentence = sentenceOf(error);
  const port = takenPort(sentence);
  if (port !== undefined) return new KontenaError('KON_PORT_TAKEN', `${what}: port ${port} of the node is taken`, { cause: error });
  return new KontenaError(codeOf(status, sentence), `${what}: ${sentence}`, { cause: error });
}

function codeOf(status: number, sentence: string): ErrorCode {
  if (/no such image|pull access denied|manifest (for .* )?(unknown|not found)/i.test(sentence)) return 'KON_IMAGE_UNAVAILABLE';
  if (status === 404 && /no such container/i.test(sentence)) return 'KON_CONTAINER_MISSING';
  if (status === 409 && /marked for removal|removal of container .* is already in progress/i.test(sentence)) return 'KON_CONTAINER_MISSING';
  return 'KON_ENGINE_REFUSED';
}

/** The engine's own sentence, without dockerode's preface and the names of the layers it came through. */
export function sentenceOf(error: unknown): string {
  const sentence = faultOf(error).json?.message ?? messageOf(error);
  return withoutNoise(sentence);
}

const NOISE: readonly RegExp[] = [
  /^\(HTTP code \d+\) [\w ]+ - /g,
  /failed to create (shim )?task( for container)?: /g,
  /failed to set up container networking: /g,
  /(OCI runtime|runc|crun) (create failed|exec failed: exec failed): /g,
  /(unable to start container process|container_linux\.go:\d+: starting container process caused|process_linux\.go:\d+: [^:]+ caused): /g,
  /driver failed programming external connectivity on endpoint \S+ \([0-9a-f]+\): /g,
  /^Error response from daemon: /g,
  /: unknown$/g,
];

/** Without the names of the layers it came through. */
export const withoutNoise = (sentence: string): string => NOISE.reduce((text, noise) => text.replaceAll(noise, ''), sentence.trim());

/** `8080` from `Bind for 0.0.0.0:8080 failed: port is already allocated` and its like of other versions. */
function takenPort(sentence: string): string | undefined {
  if (!/port is already allocated|address already in use/i.test(sentence)) return undefined;
  return /(?:Bind for|listen (?:tcp|udp)[46]?|host port(?: for)?) \S*?:(\d+)/i.exec(sentence)?.[1];
}

/** Whether it was the connection that failed: what Node says of one has a code, and what is given up has a name. */
function isOfTheWay(error: unknown): boolean {
  const { code, name } = faultOf(error);
  return typeof code === 'string' || name === 'AbortError' || name === 'TimeoutError';
}

function unreachable(error: unknown, socket: string): KontenaError {
  return new KontenaError('KON_ENGINE_UNREACHABLE', `the container engine at ${socket} does not answer: ${reasonOf(error)}`, { cause: error });
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such socket',
  ECONNREFUSED: 'nothing listens on the socket',
  EACCES: 'this user may not open the socket',
  ECONNRESET: 'the connection was cut',
  EPIPE: 'the connection was cut',
};

function reasonOf(error: unknown): string {
  const { code = '', name } = faultOf(error);
  if (name === 'AbortError' || name === 'TimeoutError') return 'it took too long';
  return REASONS[code] ?? messageOf(error);
}
