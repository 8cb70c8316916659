import { type Instant, KontenaError, messageOf, type Millis } from '../model/index.js';
import type { AuthorityProblem } from '../ports/index.js';

const ERROR = 'urn:ietf:params:acme:error:';
/** The client asks again by itself, with another nonce. */
const ASKED_AGAIN = `${ERROR}badNonce`;
/** Passing, whatever the status that they come with. */
const PASSING: ReadonlySet<string> = new Set([`${ERROR}rateLimited`, `${ERROR}serverInternal`, ASKED_AGAIN]);

/** An answer that refuses, as the authority gave it. */
export class AcmeFault extends Error {
  private constructor(readonly status: number, readonly problem: AuthorityProblem) {
    super(problem.detail);
  }

  /** Undefined for an answer that does not refuse, and for what is asked again anyway. */
  static of(status: number, body: unknown, retryAfter: string): AcmeFault | undefined {
    if (status < 400) return undefined;
    const { type = '', detail = '', subproblems = [] } = (typeof body === 'object' && body !== null ? body : {}) as Document;
    if (type === ASKED_AGAIN && status === 400) return undefined;
    const details = [detail, ...subproblems.map((one) => (one.identifier?.value === undefined ? one.detail ?? '' : `${one.identifier.value}: ${one.detail ?? ''}`))].filter((text) => text !== '').join('; ');
    return new AcmeFault(status, { type, detail: details === '' ? `it answers with ${String(status)}` : details, ...(retryAfter === '' ? {} : { retryAfter }) });
  }
}

/** RFC 7807, with the identifiers of RFC 8555, section 6.7.1. */
interface Document {
  readonly type?: string;
  readonly detail?: string;
  readonly subproblems?: readonly { readonly detail?: string; readonly identifier?: { readonly value?: string } }[];
}

/** What keeps an authority from answering, or what it refuses with. */
export function explain(error: unknown, host: string): KontenaError {
  if (error instanceof KontenaError) return error;
  if (!(error instanceof AcmeFault)) return new KontenaError('KON_AUTHORITY_UNREACHABLE', `the authority at ${host} does not answer: ${whyUnheard(error)}`, { cause: error });
  const { status, problem } = error;
  const isPassing = PASSING.has(problem.type) || status === 429 || status >= 500;
  return new KontenaError(isPassing ? 'KON_AUTHORITY_BUSY' : 'KON_AUTHORITY_REFUSED', `${host} says: ${problem.detail}`, { cause: problem });
}

/** The client stumbles over an answer that never came, and what kept it away is lost with that. */
const whyUnheard = (error: unknown): string => (error instanceof TypeError ? 'its name is not known here, or no connection to it can be had' : messageOf(error));

/** Nobody has an account with this key. */
export const isUnknownAccount = (error: unknown): boolean => error instanceof AcmeFault && error.problem.type === `${ERROR}accountDoesNotExist`;

/** How long the authority wants to be left alone: it says seconds, or a date by its own clock, which is held against `wall`. */
export function retryAfterOf(error: unknown, wall: Instant): Millis | undefined {
  const said = error instanceof KontenaError ? (error.cause as Partial<AuthorityProblem> | undefined)?.retryAfter : undefined;
  if (said === undefined) return undefined;
  const waitMs = /^\d+$/.test(said) ? Number(said) * 1000 : Date.parse(said) - wall;
  return Number.isFinite(waitMs) && waitMs > 0 ? waitMs : undefined;
}
