import { Metadata, type ServerInterceptingCallInterface, type ServerMethodDefinition, status } from '@grpc/grpc-js';
import { expect, test } from '@jest/globals';
import { FakeClock } from '../../testing/fake-clock.js';
import { quotas } from './quota.js';

type Heard = Parameters<ServerInterceptingCallInterface['start']>[0];

/** Calls of one method, as far as a quota sees them. */
function opened(limits: { readonly requests: number; readonly streams: number; readonly bothWays?: number }) {
  const clock = new FakeClock();
  const interceptor = quotas({ clock, ...limits, requestLimitMs: 1000 });
  const begun: string[] = [];
  const refused: string[] = [];
  const call = (name: string, responseStream: boolean, who = 'ada', requestStream = false) => {
    let inner: Heard | undefined;
    const base = {
      getAuthContext: () => ({ sslPeerCertificate: { fingerprint256: who } }),
      start: (listener: Heard) => (inner = listener),
      sendStatus: ({ code }: { code: status }) => {
        refused.push(`${name} ${status[code]}`);
        inner?.onCancel();
      },
    } as unknown as ServerInterceptingCallInterface;
    const method = { path: '/x', requestStream, responseStream } as ServerMethodDefinition<unknown, unknown>;
    interceptor(method, base).start({ onReceiveMetadata: () => begun.push(name), onReceiveMessage: () => undefined, onReceiveHalfClose: () => undefined, onCancel: () => undefined });
    inner?.onReceiveMetadata(new Metadata());
    return { came: () => inner?.onReceiveHalfClose(), ended: () => inner?.onCancel() };
  };
  return { clock, call, begun, refused };
}

test('requests beyond some wait for their turn, those of others do not', () => {
  const { call, begun, clock } = opened({ requests: 2, streams: 9 });
  const first = call('a', false);
  const second = call('b', false);
  const third = call('c', false);
  call('d', false);
  call('x', false, 'bob').came();
  expect(begun).toEqual(['a', 'b', 'x']);
  third.ended(); // gave up while it waited
  first.came();
  expect(begun).toEqual(['a', 'b', 'x', 'd']);
  second.ended();
  expect(clock.pending).toBe(1);
});

test('a request that does not come whole in time is refused, and makes room', () => {
  const { call, begun, refused, clock } = opened({ requests: 1, streams: 9 });
  call('a', false);
  call('b', false);
  clock.advance(1000);
  expect(refused).toEqual(['a DEADLINE_EXCEEDED']);
  expect(begun).toEqual(['a', 'b']);
});

test('streams beyond some are refused until one ends', () => {
  const { call, begun, refused } = opened({ requests: 9, streams: 2 });
  const first = call('a', true);
  first.came();
  call('b', true).came();
  call('c', true);
  call('d', false);
  call('x', true, 'bob');
  expect(refused).toEqual(['c RESOURCE_EXHAUSTED']);
  first.ended();
  call('e', true);
  expect(begun).toEqual(['a', 'b', 'd', 'x', 'e']);
});

test('of those that go both ways there may be fewer, and they may last', () => {
  const { call, begun, refused, clock } = opened({ requests: 1, streams: 9, bothWays: 2 });
  for (const name of ['a', 'b', 'c']) call(name, true, 'ada', true);
  expect([begun, refused, clock.pending]).toEqual([['a', 'b'], ['c RESOURCE_EXHAUSTED'], 0]);
  call('d', false);
  expect(begun).toEqual(['a', 'b', 'd']);
});
