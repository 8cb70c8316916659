import type { Credentials } from './docker-credentials.js';

/** What fetch fails with wraps what happened. */
export const causeOf = (error: unknown): unknown => (isRecord(error) && isRecord(error['cause']) ? error['cause'] : error);

export function codeOf(error: unknown): string {
  const cause = causeOf(error);
  return isRecord(cause) && typeof cause['code'] === 'string' ? cause['code'] : '';
}

const WORDS: Readonly<Record<string, string>> = { ENOTFOUND: 'there is no such host', ECONNREFUSED: 'nothing answers there' };

export const sentenceOf = (cause: unknown): string => WORDS[codeOf(cause)] ?? (isRecord(cause) && typeof cause['message'] === 'string' && cause['message'] !== '' ? cause['message'] : codeOf(cause) || String(cause));

export const speaksNoTls = (error: unknown): boolean => /^(ERR_SSL_|EPROTO)/.test(codeOf(error));

export const basicOf = (credentials: Credentials | undefined): string | undefined =>
  credentials?.kind === 'password' ? `Basic ${Buffer.from(`${credentials.user}:${credentials.password}`).toString('base64')}` : undefined;

/** What an answer that is a failure says of itself. */
export function reason({ status, text }: { readonly status: number; readonly text: string }): string {
  try {
    const body: unknown = JSON.parse(text);
    const errors: readonly unknown[] = isRecord(body) && Array.isArray(body['errors']) ? body['errors'] : [];
    const first = errors[0];
    if (isRecord(first) && typeof first['message'] === 'string') return first['message'];
  } catch {
    // no JSON: the status says all there is
  }
  return `status ${String(status)}`;
}

export const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> => typeof value === 'object' && value !== null && !Array.isArray(value);
