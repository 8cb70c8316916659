import { createSocket } from 'node:dgram';
import { expect, test } from '@jest/globals';
import { udpDatagrams } from './index.js';

test('texts go together as far as a packet reaches, and nobody minds who is not there', async () => {
  const server = createSocket('udp4');
  await new Promise<void>((resolve) => server.bind(0, '127.0.0.1', resolve));
  const { port } = server.address();
  const heard: string[] = [];
  const both = new Promise<void>((resolve) => server.on('message', (bytes) => {
    heard.push(bytes.toString());
    if (heard.length === 2) resolve();
  }));
  const datagrams = udpDatagrams();
  datagrams.send({ host: 'nobody.invalid', port: 9 }, ['lost']);
  datagrams.send({ host: '127.0.0.1', port }, ['a:1|g', 'b:2|g', 'c'.repeat(1_390)]);
  await both;
  expect(heard.sort()).toEqual(['a:1|g\nb:2|g', 'c'.repeat(1_390)]);
  datagrams.close();
  server.close();
}, 20_000);
