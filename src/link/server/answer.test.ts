import { EventEmitter } from 'node:events';
import { type ServerWritableStream, status } from '@grpc/grpc-js';
import { expect, test } from '@jest/globals';
import { FakeClock } from '../../testing/fake-clock.js';
import { READER_LIMIT_MS } from '../limits.js';
import { streaming } from './answer.js';

const nothing = (): void => undefined;
const turn = (): Promise<void> => new Promise((over) => setImmediate(over));

/** A call whose client takes two messages, and then reads no more until told to. */
class FullCall extends EventEmitter {
  readonly written: unknown[] = [];
  write = (answer: unknown): boolean => this.written.push(answer) < 2;
  end = nothing;
  getPath = (): string => '/x';
}

async function* numbers(ended: () => void): AsyncGenerator<number> {
  try {
    for (let number = 1; ; number += 1) yield number;
  } finally {
    ended();
  }
}

test('who reads again in time is served on; who does not is cut, with the reason, and what served it ends', async () => {
  const clock = new FakeClock();
  const call = new FullCall();
  let isEnded = false;
  const errors: unknown[] = [];
  call.on('error', (error) => errors.push(error));
  const means = { clock, hold: () => nothing, log: { info: nothing, warn: nothing, error: nothing } };
  streaming<undefined, number>(means, () => numbers(() => (isEnded = true)))(call as unknown as ServerWritableStream<undefined, number>);
  await turn();
  clock.advance(READER_LIMIT_MS - 1);
  call.emit('drain');
  await turn();
  expect(call.written).toEqual([1, 2, 3]);
  clock.advance(READER_LIMIT_MS);
  await turn();
  expect(errors).toMatchObject([{ code: status.DEADLINE_EXCEEDED, details: 'nothing of the answer was read for 120 s' }]);
  expect([isEnded, call.written.length, clock.pending]).toEqual([true, 3, 0]);
});
