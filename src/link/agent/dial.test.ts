import { type AddressInfo, createServer, type Server } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { credentials } from '@grpc/grpc-js';
import { afterEach, expect, test } from '@jest/globals';
import { dialSession } from './dial.js';

/** Longer than a client waits before it tries again, unless told otherwise: a second, give or take a fifth. */
const AFTER_THE_WAIT_MS = 2_500;

/** A try that was under way when its client was closed has ended by then. */
const SETTLED_MS = 200;

let server: Server | undefined;
afterEach(() => new Promise<void>((over) => (server === undefined ? over() : server.close(() => over()))));

/** Counts who connects, and hangs up. */
async function listen(port: number): Promise<{ readonly port: number; readonly connections: () => number }> {
  let count = 0;
  const opened = createServer((socket) => {
    count += 1;
    socket.destroy();
  });
  server = opened;
  await new Promise<void>((ready) => opened.listen(port, '127.0.0.1', ready));
  return { port: (opened.address() as AddressInfo).port, connections: () => count };
}

const failed = (port: number): Promise<void> => new Promise((over) => {
  const wire = dialSession(`127.0.0.1:${port}`, credentials.createInsecure());
  wire.onClose(() => over());
});

test('Who dialled in vain is gone: when the master is back, nobody comes but who dials then', async () => {
  const { port } = await listen(0);
  await new Promise<void>((closed) => server?.close(() => closed()));
  for (let times = 0; times < 5; times += 1) await failed(port);
  await pause(SETTLED_MS);
  const { connections } = await listen(port);
  await pause(AFTER_THE_WAIT_MS);
  expect(connections()).toBe(0);
  await failed(port);
  expect(connections()).toBeGreaterThan(0);
});
