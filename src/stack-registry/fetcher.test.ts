import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import { stackFetcher, type StackRegistry } from './index.js';

let server: Server;
let address: string;
const asked: string[] = [];
beforeAll(async () => {
  server = createServer((request, response) => {
    asked.push(request.url ?? '');
    if (request.url === '/huge.yml') response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync(Buffer.alloc(10 * 1024 * 1024)));
    else response.writeHead(request.url === '/there.yml' ? 200 : 404).end('from the web');
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  address = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`;
});
afterAll(() => {
  server.close();
});

const registry = (): { readonly pulled: string[]; readonly open: () => Promise<StackRegistry> } => {
  const pulled: string[] = [];
  const pull: StackRegistry['pull'] = (name, version) => {
    pulled.push(`${name.user}/${name.stack}:${version ?? 'newest'}`);
    return Promise.resolve(name.stack === 'none' ? undefined : { name, version: '1.0.0', text: `text ${String(pulled.length)}` });
  };
  return { pulled, open: () => Promise.resolve({ pull } as Partial<StackRegistry> as StackRegistry) };
};

test('a name means one text for as long as one fetcher is used', async () => {
  const { pulled, open } = registry();
  const fetchStack = stackFetcher(open);
  expect([await fetchStack('acme/web'), await fetchStack('acme/web'), await fetchStack('acme/web:2.0.0'), await fetchStack('acme/none')]).toEqual(['text 1', 'text 1', 'text 2', undefined]);
  expect(pulled).toEqual(['acme/web:newest', 'acme/web:2.0.0', 'acme/none:newest']);
  expect(await stackFetcher(open)('acme/web')).toBe('text 4');
});

test('an address is fetched, what is no name is nowhere, and without a registry nothing is', async () => {
  const { pulled, open } = registry();
  const fetchStack = stackFetcher(open);
  expect([await fetchStack(`${address}/there.yml`), await fetchStack(`${address}/gone.yml`), await fetchStack('ftp://x/y'), await fetchStack('a file.yml')]).toEqual(['from the web', undefined, undefined, undefined]);
  expect([asked, pulled]).toEqual([['/there.yml', '/gone.yml'], []]);
  expect(await stackFetcher(() => Promise.resolve(undefined))('acme/web')).toBeUndefined();
  await expect(stackFetcher(open)('http://127.0.0.1:1/x.yml')).rejects.toMatchObject({ code: 'KON_FILE_UNREADABLE' });
  await expect(fetchStack(`${address}/huge.yml`)).rejects.toMatchObject({ code: 'KON_FILE_UNREADABLE', message: expect.stringContaining('more than 1 MiB') });
});
