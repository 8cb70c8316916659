import { Metadata, type ServiceError, status, type StatusObject } from '@grpc/grpc-js';
import { type ErrorCode, ERRORS, inWords, KontenaError, messageOf, type Mistake } from '../../model/index.js';
import { Status } from '../gen/google/rpc/status.js';
import { ErrorDetail } from '../gen/kontena/v1/control.js';
import { mistakeFrom, mistakeTo } from './mistakes.js';

/** Where gRPC carries a google.rpc.Status. */
const DETAILS = 'grpc-status-details-bin';
const DETAIL_TYPE = 'type.googleapis.com/kontena.v1.ErrorDetail';
/** Trailers are headers, and those are bounded (16 KiB in most clients, in base64): what does not fit is counted. */
const MAX_DETAIL_BYTES = 8 * 1024;
const MAX_MESSAGE_CHARACTERS = 2_000;

/** The code by which clients that do not know ours tell refusals apart. */
const STATUS: Readonly<Partial<Record<ErrorCode, status>>> = {
  KON_NOT_FOUND: status.NOT_FOUND,
  KON_REVISION_UNKNOWN: status.OUT_OF_RANGE,
  KON_INVALID: status.INVALID_ARGUMENT,
  KON_STACK_INVALID: status.INVALID_ARGUMENT,
  KON_CONFLICT: status.FAILED_PRECONDITION,
  KON_STOPPED: status.FAILED_PRECONDITION,
  KON_UNAUTHENTICATED: status.UNAUTHENTICATED,
  KON_CERTIFICATE_UNTRUSTED: status.UNAUTHENTICATED,
  KON_TOKEN_INVALID: status.UNAUTHENTICATED,
  KON_SIGN_IN_REFUSED: status.UNAUTHENTICATED,
  KON_SIGN_IN_DELAYED: status.RESOURCE_EXHAUSTED,
  KON_PROVIDER_UNREACHABLE: status.UNAVAILABLE,
  KON_PROVIDER_REFUSED: status.FAILED_PRECONDITION,
  KON_FORBIDDEN: status.PERMISSION_DENIED,
  KON_NODE_NAME_TAKEN: status.ALREADY_EXISTS,
  KON_NODE_REMOVED: status.PERMISSION_DENIED,
  KON_NODE_UNREACHABLE: status.UNAVAILABLE,
  KON_STORE_FULL: status.RESOURCE_EXHAUSTED,
  KON_BUSY: status.RESOURCE_EXHAUSTED,
  KON_TIMEOUT: status.DEADLINE_EXCEEDED,
};

/** Any thrown thing as what gRPC sends. What is not ours is not explained to strangers: it is a fault. */
export function toStatus(error: unknown): Pick<StatusObject, 'code' | 'details' | 'metadata'> {
  const ours = error instanceof KontenaError ? error : new KontenaError('KON_INTERNAL', messageOf(error), { cause: error });
  const code = STATUS[ours.code] ?? (ours.code === 'KON_INTERNAL' ? status.INTERNAL : status.UNKNOWN);
  const message = ours.message.slice(0, MAX_MESSAGE_CHARACTERS);
  const value = fitted(ours, message);
  const metadata = new Metadata();
  metadata.set(DETAILS, Buffer.from(Status.encode({ code, message, details: [{ typeUrl: DETAIL_TYPE, value }] }).finish()));
  return { code, details: message, metadata };
}

/** The detail with as many mistakes as fit. */
function fitted(error: KontenaError, message: string): Buffer {
  const encode = (mistakes: readonly Mistake[]): Buffer =>
    Buffer.from(ErrorDetail.encode({ code: error.code, message, remedy: error.remedy, mistakes: mistakes.map(mistakeTo) }).finish());
  const whole = encode(error.mistakes);
  if (whole.length <= MAX_DETAIL_BYTES) return whole;

  let count = error.mistakes.length;
  let bytes = whole;
  while (bytes.length > MAX_DETAIL_BYTES && count > 0) {
    count = Math.floor(Math.min(count - 1, (count * MAX_DETAIL_BYTES) / bytes.length));
    const rest: Mistake = { severity: 'error', path: '', message: `and ${error.mistakes.length - count} more` };
    bytes = encode([...error.mistakes.slice(0, count), rest]);
  }
  return bytes;
}

/** What gRPC received, as our own error again; undefined when the other side did not send one of ours. */
function fromStatus(error: Pick<ServiceError, 'metadata'>): KontenaError | undefined {
  const [bytes] = error.metadata.get(DETAILS);
  if (!Buffer.isBuffer(bytes)) return undefined;
  const detail = Status.decode(bytes).details.find(({ typeUrl }) => typeUrl === DETAIL_TYPE);
  if (detail === undefined) return undefined;
  const { code, message, mistakes } = ErrorDetail.decode(detail.value);
  return new KontenaError(isErrorCode(code) ? code : 'KON_INTERNAL', message, { mistakes: mistakes.map(mistakeFrom) });
}

const isErrorCode = (code: string): code is ErrorCode => Object.hasOwn(ERRORS, code);

/** Words by which TLS says that the other end is not whom we trust, on either side. */
const UNTRUSTED = /certificate|CERT_|unable to verify|self.signed|altnames|tlsv1 alert unknown ca/i;

/** Why a call to the master failed, whoever says so. `server` is HOST:PORT. */
export function explain(error: unknown, server: string): KontenaError {
  if (error instanceof KontenaError) return error;
  if (!isServiceError(error)) return new KontenaError('KON_INTERNAL', messageOf(error), { cause: error });
  const ours = fromStatus(error);
  if (ours !== undefined) return ours;
  if (error.code === status.UNAVAILABLE && UNTRUSTED.test(error.details)) {
    return new KontenaError('KON_CERTIFICATE_UNTRUSTED', `${server} does not show a certificate that this credential trusts: ${lastError(error.details)}`, { cause: error });
  }
  if (error.code === status.UNAVAILABLE) {
    return new KontenaError('KON_MASTER_UNREACHABLE', `no master answers at ${server}: ${lastError(error.details)}`, { cause: error });
  }
  if (error.code === status.RESOURCE_EXHAUSTED) return new KontenaError('KON_INVALID', `the master at ${server} does not take a request so large: ${error.details}`, { cause: error });
  if (error.code === status.DEADLINE_EXCEEDED) return new KontenaError('KON_TIMEOUT', `the master at ${server} did not answer in time`, { cause: error });
  if (error.code === status.INTERNAL && /serialization failure/i.test(error.details)) {
    return new KontenaError('KON_INVALID', `this cannot be sent to the master at ${server}: ${error.details.replace(/^.*serialization failure: /i, '')}`, { cause: error });
  }
  if (error.code === status.UNIMPLEMENTED) return new KontenaError('KON_INVALID', `the master at ${server} is of another version: ${error.details}`, { cause: error });
  return new KontenaError('KON_INTERNAL', error.details, { cause: error });
}

const isServiceError = (error: unknown): error is ServiceError => typeof error === 'object' && error !== null && 'details' in error && 'metadata' in error;

/** The heart of grpc-js's `No connection established. Last error: Error: connect ECONNREFUSED 127.0.0.1:1. Resolution note: `. */
const lastError = (details: string): string => (/wrong version number|packet length too long|http request/i.test(details) ? 'what listens there does not speak TLS' : inWords(heartOf(details)));

const heartOf = (details: string): string => /Last error: (?:Error: )?(.*?)\.? ?Resolution note:/s.exec(details)?.[1] ?? details;
