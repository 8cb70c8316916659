import { expect, test } from '@jest/globals';
import { type Instant, KontenaError } from '../model/index.js';
import { loadClient } from './client.js';
import { AcmeFault, explain, isUnknownAccount, retryAfterOf } from './problems.js';

const problem = (type: string, detail = 'because') => ({ type: `urn:ietf:params:acme:error:${type}`, detail });
const explained = (status: number, body: unknown, retryAfter = '') => explain(AcmeFault.of(status, body, retryAfter), 'ca.example');

test.each([
  [400, problem('malformed'), 'KON_AUTHORITY_REFUSED'],
  [403, problem('unauthorized'), 'KON_AUTHORITY_REFUSED'],
  [404, '<html>', 'KON_AUTHORITY_REFUSED'],
  [429, problem('rateLimited'), 'KON_AUTHORITY_BUSY'],
  [503, problem('rateLimited'), 'KON_AUTHORITY_BUSY'],
  [500, problem('serverInternal'), 'KON_AUTHORITY_BUSY'],
  [502, undefined, 'KON_AUTHORITY_BUSY'],
])('%d with %j is %s', (status, body, code) => {
  expect(explained(status, body)).toMatchObject({ code });
});

test('What does not refuse is no fault, and neither is a nonce that the client replaces by itself', () => {
  expect([AcmeFault.of(200, {}, ''), AcmeFault.of(201, problem('malformed'), ''), AcmeFault.of(400, problem('badNonce'), '')]).toEqual([undefined, undefined, undefined]);
});

test('It is said in the words of the authority, with those for each name', () => {
  expect(explained(400, problem('malformed', 'no such order')).message).toBe('ca.example says: no such order');
  expect(explained(403, { ...problem('rejectedIdentifier', 'some are refused'), subproblems: [{ detail: 'on a list', identifier: { value: 'bank.example' } }, { detail: 'too' }] }).message)
    .toBe('ca.example says: some are refused; bank.example: on a list; too');
  expect(explained(502, '').message).toBe('ca.example says: it answers with 502');
});

test('What does not answer is said to be unreachable, and our own errors stay as they are', () => {
  expect(explain(Object.assign(new Error('x'), { code: 'ECONNREFUSED' }), 'ca.example')).toMatchObject({ code: 'KON_AUTHORITY_UNREACHABLE', message: 'the authority at ca.example does not answer: nothing listens' });
  const own = new KontenaError('KON_INVALID', 'x');
  expect(explain(own, 'ca.example')).toBe(own);
});

test('Where nobody listens, that is said, and not what the client stumbles over', async () => {
  const { axios } = await loadClient();
  const error: unknown = await axios.get('https://127.0.0.1:1/directory').catch((reason: unknown) => reason);
  expect(explain(error, '127.0.0.1:1').message).toBe('the authority at 127.0.0.1:1 does not answer: its name is not known here, or no connection to it can be had');
}, 60_000);

test('It is left alone for as long as it says, in seconds or until a moment', () => {
  const wall = Date.UTC(2026, 0, 1) as Instant;
  const waitOf = (error: unknown): number | undefined => retryAfterOf(error, wall);
  expect(waitOf(explained(429, problem('rateLimited'), '120'))).toBe(120_000);
  expect(waitOf(explained(429, problem('rateLimited'), new Date(wall + 60_000).toUTCString()))).toBe(60_000);
  for (const text of ['', 'soon', '0', new Date(0).toUTCString()]) expect(waitOf(explained(429, problem('rateLimited'), text))).toBeUndefined();
  expect([waitOf(new Error('x')), waitOf(new KontenaError('KON_INVALID', 'x')), waitOf(new KontenaError('KON_INVALID', 'x', { cause: new Error('y') }))]).toEqual([undefined, undefined, undefined]);
});

test('That nobody has an account is known', () => {
  expect([isUnknownAccount(AcmeFault.of(400, problem('accountDoesNotExist'), '')), isUnknownAccount(AcmeFault.of(400, problem('malformed'), '')), isUnknownAccount(new Error('x'))]).toEqual([true, false, false]);
});
