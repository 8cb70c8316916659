import { EventEmitter } from 'node:events';
import type { ClientDuplexStream } from '@grpc/grpc-js';
import { expect, test } from '@jest/globals';
import { KontenaError } from '../../model/index.js';
import type * as gen from '../gen/kontena/v1/node.js';
import { nodeWire } from './stream-wire.js';

/** A call of gRPC, as far as a wire knows it. */
class Call extends EventEmitter {
  isCancelled = false;
  write = (): boolean => true;
  cancel(): void {
    this.isCancelled = true;
    this.emit('error', new Error('cancelled'));
  }
}

test('an agent that is told what no master of ours says gives up this connection, with the reason, and nothing else', () => {
  const call = new Call();
  const wire = nodeWire(call as unknown as ClientDuplexStream<gen.FromNode, gen.FromMaster>, 'master:9292', () => undefined);
  const closedWith: unknown[] = [];
  wire.onClose((error) => void closedWith.push(error));
  wire.onMessage(() => {
    throw new KontenaError('KON_INVALID', 'nobody says that');
  });
  call.emit('data', { message: { $case: 'renewNow', value: {} } });
  expect([closedWith, call.isCancelled]).toEqual([[expect.objectContaining({ code: 'KON_INVALID', message: 'nobody says that' })], true]);
});
