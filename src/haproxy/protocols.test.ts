import { Client, credentials, type ClientDuplexStream, Server as GrpcServer, ServerCredentials, type ServerDuplexStream } from '@grpc/grpc-js';
import { afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { once } from 'node:events';
import { Agent, createServer as createHttpServer, type IncomingMessage, request } from 'node:http';
import { connect as connectHttp2, createServer as createHttp2Server, type ClientHttp2Session } from 'node:http2';
import { createServer as createTcpServer, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import type { RouteSpec } from '../model/index.js';
import type { ServedServer } from '../ports/index.js';
import { HaproxyBed, INSTANCE, route } from '../testing/haproxy-bed.js';
import { issueCertificate } from '../testing/issue-certificate.js';

let bed: HaproxyBed;
const certificate = { name: 'a.com', pem: '' };

beforeAll(async () => {
  const issued = await issueCertificate(['a.com']);
  certificate.pem = issued.certificate + issued.privateKey;
});
beforeEach(async () => {
  bed = await HaproxyBed.open();
}, 30_000);
afterEach(() => bed.close(), 30_000);

/** What is open at the end of a test, which nobody would wait for. */
const open: (() => void)[] = [];
afterEach(() => open.splice(0).forEach((close) => close()));

const ECHO = { path: '/test.Echo/Say', requestStream: true, responseStream: true, requestSerialize: asItIs, requestDeserialize: asItIs, responseSerialize: asItIs, responseDeserialize: asItIs };
function asItIs(bytes: Buffer): Buffer {
  return bytes;
}

/** Says again what it is told, over gRPC. */
async function grpcInstance(instance: string): Promise<ServedServer> {
  const server = new GrpcServer();
  server.addService({ say: ECHO }, { say: (call: ServerDuplexStream<Buffer, Buffer>) => { call.on('data', (said: Buffer) => call.write(said)); call.on('end', () => call.end()); } });
  const port = await new Promise<number>((resolve, reject) => server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) => (error === null ? resolve(bound) : reject(error))));
  open.push(() => server.forceShutdown());
  return { instance, address: '127.0.0.1', port };
}

interface Line {
  /** Says something, and hears it again. */
  readonly say: (text: string) => Promise<string>;
  readonly isOver: () => boolean;
}

/** A gRPC stream through the balancer's https port. */
function grpcStream(): Line {
  const client = new Client(`127.0.0.1:${bed.httpsPort}`, credentials.createSsl(null, null, null, { rejectUnauthorized: false }), { 'grpc.ssl_target_name_override': 'a.com', 'grpc.default_authority': 'a.com' });
  const call: ClientDuplexStream<Buffer, Buffer> = client.makeBidiStreamRequest(ECHO.path, asItIs, asItIs);
  let isOver = false;
  call.on('error', () => (isOver = true));
  call.on('end', () => (isOver = true));
  open.push(() => client.close());
  return { isOver: () => isOver, say: async (text) => { call.write(Buffer.from(text)); return String((await once(call, 'data'))[0]); } };
}

/** Takes WebSockets, and says again what comes over them; asked otherwise, its name. */
function webSocketInstance(instance: string): Promise<ServedServer> {
  const server = createHttpServer((_asked, answer) => answer.end(instance));
  server.on('upgrade', (_asked, socket: Socket) => {
    open.push(() => socket.destroy());
    socket.on('error', () => undefined);
    socket.write('HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n');
    socket.pipe(socket);
  });
  return bed.listen(instance, server);
}

/** A WebSocket, as browsers open it (the key is that of RFC 6455, section 1.3); what is said is a frame to them. */
async function webSocket(): Promise<Line> {
  const asking = request({ port: bed.httpPort, host: '127.0.0.1', headers: { host: 'a.com', connection: 'Upgrade', upgrade: 'websocket', 'sec-websocket-version': '13', 'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==' } });
  asking.end();
  const [, socket] = (await once(asking, 'upgrade')) as [unknown, Socket];
  let isOver = false;
  socket.on('close', () => (isOver = true));
  socket.on('error', () => undefined);
  open.push(() => socket.destroy());
  return { isOver: () => isOver, say: async (text) => { socket.write(text); return String((await once(socket, 'data'))[0]); } };
}

/** One request over HTTP/2; the version that the instance was asked in. */
async function overHttp2(session: ClientHttp2Session): Promise<string> {
  const stream = session.request({ ':path': '/', ':authority': 'a.com' });
  let heard = '';
  for await (const piece of stream) heard += String(piece);
  return heard;
}

describe('HTTP/2', () => {
  test.each<readonly ['http/1.1' | 'h2', string]>([['http/1.1', '1.1'], ['h2', '2.0']])('to clients, and %s to the instances', async (protocol, expected) => {
    const instance = protocol === 'h2'
      ? await bed.listen('todo/web.1@7', createHttp2Server((asked, answer) => void answer.end(asked.httpVersion)))
      : await bed.listen('todo/web.1@7', createHttpServer((asked, answer) => answer.end(asked.httpVersion)));
    await bed.serve(bed.served([route('todo/web', { protocol }, [instance])], { certificates: [certificate] }));
    const session = connectHttp2(`https://127.0.0.1:${bed.httpsPort}`, { servername: 'a.com', rejectUnauthorized: false });
    open.push(() => session.destroy());
    expect(await Promise.all([overHttp2(session), overHttp2(session)])).toEqual([expected, expected]);
    expect((await bed.get('a.com')).body).toBe(expected); // and HTTP/1.1 of clients all the same
  }, 30_000);
});

test.each(['that is in the file', 'that was added while it runs'])('a connection to an instance %s is kept for the next request', async (way) => {
  const connections = new Set<unknown>();
  const instance = await bed.listen('todo/web.1@7', createHttpServer((asked, answer) => { connections.add(asked.socket); answer.end('hello'); }));
  const isInFile = way === 'that is in the file';
  await bed.serve(bed.served([route('todo/web', {}, isInFile ? [instance] : [])]));
  if (!isInFile) await bed.proxy.take(INSTANCE, { do: 'add', route: route('todo/web', {}, []), server: instance });
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  open.push(() => agent.destroy());
  for (let count = 0; count < 10; count += 1) {
    const asking = request({ port: bed.httpPort, host: '127.0.0.1', headers: { host: 'a.com' }, agent });
    asking.end();
    const [answer] = (await once(asking, 'response')) as [IncomingMessage];
    answer.resume();
    await once(answer, 'end');
  }
  expect(connections.size).toBe(1);
}, 30_000);

describe('the PROXY protocol', () => {
  test.each<readonly ['v1' | 'v2', (first: Buffer) => boolean]>([
    ['v1', (first) => /^PROXY TCP4 127\.0\.0\.1 127\.0\.0\.1 \d+ \d+\r\n/.test(first.toString('latin1'))],
    ['v2', (first) => first.subarray(0, 12).equals(Buffer.from('0d0a0d0a000d0a515549540a', 'hex'))],
  ])('%s tells instances the address of the client', async (version, isIt) => {
    const heard: Buffer[] = [];
    const instance = await bed.listen('db/main.1@3', createTcpServer((socket) => {
      socket.on('error', () => undefined);
      socket.once('data', (first: Buffer) => { heard.push(first); socket.end(); });
    }));
    await bed.serve(bed.served([route('db/main', { mode: 'tcp', paths: [], externalPort: bed.tcpPort, sendsProxy: version }, [instance])]));
    await bed.raw(bed.tcpPort, 'hello');
    expect(heard.length).toBeGreaterThan(0);
    expect(heard.filter((first) => !isIt(first))).toEqual([]); // its own checks, too
  }, 30_000);
});

test('TLS that is handed on unopened leads by the name that is asked for, to certificates that the balancer never saw', async () => {
  const tlsInstance = async (instance: string, name: string): Promise<ServedServer> => {
    const { certificate: cert, privateKey: key } = await issueCertificate([name]);
    return bed.listen(instance, createTlsServer({ cert, key }, (socket) => { socket.on('error', () => undefined); socket.end(instance); }));
  };
  const spec = { mode: 'tcp', paths: [], externalPort: bed.tcpPort, tls: 'passthrough' } as const;
  const [main, other] = [await tlsInstance('db/main.1@3', 'main.db'), await tlsInstance('db/other.1@4', 'other.db')];
  await bed.serve(bed.served([route('db/main', { ...spec, hosts: ['main.db'] }, [main]), route('db/other', { ...spec, hosts: ['*.other.db', 'other.db'] }, [other])]));
  expect([await bed.hear(bed.tcpPort, 'main.db'), await bed.hear(bed.tcpPort, 'OTHER.db'), await bed.hear(bed.tcpPort, 'x.other.db')]).toEqual(['db/main.1@3', 'db/other.1@4', 'db/other.1@4']);
  expect([(await bed.shown(bed.tcpPort, 'main.db')).subject, (await bed.shown(bed.tcpPort, 'other.db')).subject]).toEqual(['main.db', 'other.db']);
}, 30_000);

describe('what stays open for long', () => {
  const DRAIN_SECONDS = 4;
  const kinds = [
    { kind: 'a WebSocket', spec: {}, instance: (name: string) => webSocketInstance(name), line: () => webSocket() },
    { kind: 'a gRPC stream', spec: { protocol: 'h2' }, instance: (name: string) => grpcInstance(name), line: async () => grpcStream() },
  ] as const;

  test.each(kinds)('$kind lives over changes of endpoints, also when its own instance is to go, and over a load until drain_time', async ({ spec, instance, line }) => {
    const [first, second] = [await instance('todo/web.1@7'), await instance('todo/web.2@8')];
    const served = (servers: readonly ServedServer[], more: Partial<RouteSpec> = {}) => bed.served([route('todo/web', { ...spec, ...more }, servers)], { certificates: [certificate], spec: { drainSeconds: DRAIN_SECONDS } });
    const { reloads } = await bed.serve(served([first]));
    const stream = await line();
    expect(await stream.say('one')).toBe('one');
    await bed.proxy.take(INSTANCE, { do: 'add', route: served([]).routes[0]!, server: second });
    await bed.proxy.take(INSTANCE, { do: 'withdraw', service: 'todo/web', instance: first.instance });
    expect(await stream.say('two')).toBe('two');
    const seen = (await bed.proxy.look(INSTANCE))?.backends['todo/web']?.servers[first.instance];
    expect(seen).toMatchObject({ isWithdrawn: true, open: 1 });

    const after = await line();
    await bed.serve(served([second], { keepsPath: true }));
    expect((await bed.proxy.look(INSTANCE))?.reloads).toBe(reloads + 1);
    expect(await Promise.all([stream.say('three'), after.say('four')])).toEqual(['three', 'four']);
    expect(await (await line()).say('five')).toBe('five');
    await bed.until('what was open before the load has ended', async () => stream.isOver() && after.isOver());
  }, 60_000);
});
