import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createTcpServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { dockerRuntime } from './index.js';
import { networkProber } from './prober.js';

const servers: Server[] = [];
let directory = '';
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'kontena-engine-'));
});
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
  rmSync(directory, { recursive: true, force: true });
});

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

/** Something that speaks as an engine does. */
function listen(where: { readonly path: string } | { readonly port: 0 }, answer: Answer): Promise<Server> {
  const server = createServer(answer);
  servers.push(server);
  return new Promise((resolve) => server.listen(where, () => resolve(server)));
}

describe('an engine', () => {
  const asked: string[] = [];
  const engineOf = async (versions: object): Promise<ReturnType<typeof dockerRuntime>> => {
    asked.splice(0);
    const path = join(directory, 'docker.sock');
    await listen({ path }, ({ url = '' }, response) => {
      asked.push(url);
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify(url.endsWith('/version') ? { Version: '0', Os: 'linux', Arch: 'amd64', KernelVersion: '6', ...versions } : {}));
    });
    return dockerRuntime({ socket: `unix://${path}`, cluster: 'c', grid: 'g', node: 'n1' });
  };

  test('is spoken to in the version of 20.10', async () => {
    const runtime = await engineOf({ ApiVersion: '1.47', MinAPIVersion: '1.24' });
    await runtime.hasImage('web:1');
    expect(asked).toEqual(['/version', '/v1.41/images/web:1/json']);
  });

  test('that has forgotten it is spoken to in the oldest version it knows', async () => {
    const runtime = await engineOf({ ApiVersion: '1.52', MinAPIVersion: '1.44' });
    await runtime.hasImage('web:1');
    expect(asked).toEqual(['/version', '/v1.44/images/web:1/json']);
  });

  test('that is older is refused', async () => {
    const runtime = await engineOf({ Version: '19.03.15', ApiVersion: '1.40', MinAPIVersion: '1.12' });
    await expect(runtime.info()).rejects.toMatchObject({ code: 'KON_ENGINE_TOO_OLD', message: expect.stringContaining('is 19.03.15 and speaks API 1.40; 1.41 is needed') });
  });

  test('whose pull ends with a complaint did not give the image', async () => {
    const path = join(directory, 'docker.sock');
    await listen({ path }, ({ url = '' }, response) => {
      if (url.endsWith('/version')) return response.end(JSON.stringify({ Version: '0', ApiVersion: '1.41' }));
      response.write(`${JSON.stringify({ status: 'Downloading', id: 'a', progressDetail: { current: 5_000_000, total: 10_000_000 } })}\n`);
      response.end(`${JSON.stringify({ error: 'unexpected EOF' })}\n`);
      return undefined;
    });
    const runtime = dockerRuntime({ socket: path, cluster: 'c', grid: 'g', node: 'n1' });
    const news: string[] = [];
    await expect(runtime.pull('web:1', (text) => news.push(text), new AbortController().signal)).rejects.toMatchObject({ code: 'KON_IMAGE_UNAVAILABLE', message: 'cannot pull web:1: unexpected EOF' });
    expect(news).toEqual(['pulling web:1: 50 % of 10 MB']);
  });
});

test('a registry that falls silent is given up after a minute, and the engine is not blamed', async () => {
  const path = join(directory, 'docker.sock');
  let hear: () => void = () => undefined;
  const heard = new Promise<void>((resolve) => (hear = resolve));
  await listen({ path }, ({ url = '' }, response) => {
    if (url.endsWith('/version')) response.end(JSON.stringify({ Version: '0', ApiVersion: '1.41' }));
    else hear(); // and never answers
  });
  const runtime = dockerRuntime({ socket: path, cluster: 'c', grid: 'g', node: 'n1' });
  jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate', 'queueMicrotask'] });
  try {
    const pull = runtime.pull('web:1', () => undefined, new AbortController().signal).then(() => undefined, (error: unknown) => error);
    await heard;
    jest.advanceTimersByTime(60_000);
    expect(await pull).toMatchObject({ code: 'KON_IMAGE_UNAVAILABLE', message: 'cannot pull web:1: the registry said nothing for 60 s' });
  } finally {
    jest.useRealTimers();
  }
});

describe('a probe', () => {
  test('by TCP finds who accepts', async () => {
    const server = createTcpServer().listen(0);
    const { port } = server.address() as AddressInfo;
    expect(await networkProber.probe('127.0.0.1', { protocol: 'tcp', port }, 1_000)).toEqual({ isGood: true, said: `port ${port} takes connections` });
    await new Promise((resolve) => server.close(resolve));
    expect(await networkProber.probe('127.0.0.1', { protocol: 'tcp', port }, 1_000)).toEqual({ isGood: false, said: `port ${port} does not answer: nothing listens at 127.0.0.1:${port}` });
  });

  test('by HTTP takes 200 to 399 for an answer, and does not follow', async () => {
    const server = await listen({ port: 0 }, ({ url }, response) => {
      response.writeHead(Number(url?.slice(1)), { location: '/500' });
      response.end('x');
    });
    const { port } = server.address() as AddressInfo;
    const ask = (uri: string): ReturnType<typeof networkProber.probe> => networkProber.probe('127.0.0.1', { protocol: 'http', port, uri }, 1_000);
    for (const [status, isGood] of [[200, true], [302, true], [399, true], [404, false], [500, false]] as const) {
      expect(await ask(`/${status}`)).toEqual({ isGood, said: `GET :${port}/${status} answered ${status}` });
    }
  });

  test('gives up in time', async () => {
    const server = await listen({ port: 0 }, ({ url }, response) => {
      if (url !== '/silent') response.writeHead(200).write('and then');
    });
    const { port } = server.address() as AddressInfo;
    for (const uri of ['/silent', '/hangs']) {
      expect(await networkProber.probe('127.0.0.1', { protocol: 'http', port, uri }, 50)).toEqual({ isGood: false, said: `GET :${port}${uri} did not answer within 0.05 s` });
    }
  });
});
