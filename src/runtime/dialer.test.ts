import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { createServer, type Server } from 'node:net';
import { tcpDialer } from './dialer.js';

let server: Server;
let port: number;
beforeEach(async () => {
  server = createServer({ allowHalfOpen: true }, (socket) => {
    let text = '';
    socket.on('data', (bytes) => (text += String(bytes)));
    socket.on('end', () => socket.end(`${text}!`)); // answers only when all is said
    socket.on('error', () => undefined);
  }).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  ({ port } = server.address() as { port: number });
});
afterEach(() => void server.close());

const forever = new AbortController().signal;
const target = () => ({ host: '127.0.0.1', port, about: 'port 80 of todo/web.1@2' });

test('each way of a connection ends by itself', async () => {
  const stream = await tcpDialer.dial(target(), forever);
  expect(await stream.send(Buffer.from('hello'))).toBe(true);
  stream.end();
  const received: Uint8Array[] = [];
  for await (const bytes of stream.received()) received.push(bytes);
  expect(Buffer.concat(received).toString()).toBe('hello!');
  stream.close();
  expect(await stream.send(Buffer.from('more'))).toBe(false);
});

test('where nothing listens, it says what was to be reached', async () => {
  await new Promise((resolve) => server.close(resolve));
  await expect(tcpDialer.dial(target(), forever)).rejects.toMatchObject({ code: 'KON_PORT_UNREACHABLE', message: expect.stringContaining('port 80 of todo/web.1@2 cannot be reached: nothing listens') });
});

test('one that is called off is not made', async () => {
  const gone = new AbortController();
  const dialling = tcpDialer.dial(target(), gone.signal);
  gone.abort();
  await expect(dialling).rejects.toMatchObject({ code: 'KON_PORT_UNREACHABLE' });
});
