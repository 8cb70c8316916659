import { describe, expect, test } from '@jest/globals';
import { connect, createServer } from 'node:net';
import type { ByteStream } from '../ports/index.js';
import { forwardPorts, parsePorts } from './forward.js';

test.each([
  ['8080:80', { local: 8080, remote: 80 }], ['5432', { local: 5432, remote: 5432 }], ['0:80', { local: 0, remote: 80 }],
])('%s is a pair of ports', (text, ports) => {
  expect(parsePorts(text)).toEqual(ports);
});

test.each(['', '80:', ':80', '80:0', '70000', '8080:80:90', 'http', '-1'])('"%s" is none', (text) => {
  expect(() => parsePorts(text)).toThrow('write 8080:80');
});

/** Answers with what it was sent, in capitals, once that has ended. */
function shouting(): ByteStream {
  const sent: Uint8Array[] = [];
  let end: () => void = () => undefined;
  const ended = new Promise<void>((resolve) => (end = resolve));
  return {
    async *received() {
      await ended;
      yield Buffer.from(Buffer.concat(sent).toString().toUpperCase());
    },
    send: (bytes) => Promise.resolve(sent.push(bytes) > 0),
    end,
    close: end,
  };
}

/** What a program gets that connects, says a word and ends. */
const said = (address: string, word: string): Promise<string> =>
  new Promise((resolve) => {
    const [host, port] = address.split(':');
    const socket = connect({ host: host ?? '', port: Number(port), allowHalfOpen: true }, () => socket.end(word));
    let text = '';
    socket.on('data', (bytes) => (text += String(bytes)));
    socket.on('error', () => undefined);
    socket.on('close', () => resolve(text));
  });

describe('a forwarded port', () => {
  test('carries each connection by itself, and ends when it is told to', async () => {
    const over = new AbortController();
    let address = '';
    const done = forwardPorts({ host: '127.0.0.1', port: 0, signal: over.signal, open: shouting, listening: (at) => (address = at), failed: () => undefined });
    while (address === '') await new Promise((resolve) => setImmediate(resolve));
    expect(await Promise.all([said(address, 'one'), said(address, 'two')])).toEqual(['ONE', 'TWO']);
    over.abort();
    await done;
    expect(await said(address, 'three')).toBe('');
  });

  test('tells what keeps a connection from being made, and listens on', async () => {
    const over = new AbortController();
    let address = '';
    const failures: string[] = [];
    const open = (): ByteStream => {
      if (failures.length === 0) throw new Error('no instance runs');
      return shouting();
    };
    const done = forwardPorts({ host: '127.0.0.1', port: 0, signal: over.signal, open, listening: (at) => (address = at), failed: (error) => void failures.push(error.message) });
    while (address === '') await new Promise((resolve) => setImmediate(resolve));
    expect([await said(address, 'one'), await said(address, 'two'), failures]).toEqual(['', 'TWO', ['no instance runs']]);
    over.abort();
    await done;
  });

  test('refuses a port that is taken', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => other.once('listening', resolve));
    const { port } = other.address() as { port: number };
    const taken = forwardPorts({ host: '127.0.0.1', port, signal: new AbortController().signal, open: shouting, listening: () => undefined, failed: () => undefined });
    await expect(taken).rejects.toMatchObject({ code: 'KON_ADDRESS_UNUSABLE' });
    other.close();
  });
});
