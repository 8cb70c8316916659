import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { execFile } from 'node:child_process';
import { createSocket, type Socket } from 'node:dgram';
import { connect, createServer, type Server, type Socket as TcpSocket } from 'node:net';
import { promisify } from 'node:util';
import fc from 'fast-check';
import packet, { type Answer, type Packet } from 'dns-packet';
import { systemClock } from '../clock.js';
import type { NetworkProblem } from '../model/index.js';
import type { Log, MachineResolver, NameAnswer, NameQuestion, NameServer } from '../ports/index.js';
import { FakeClock } from '../testing/fake-clock.js';
import { Connections } from './connection.js';
import { DnsServer } from './dns-server.js';
import { Forwarder } from './forwarder.js';
import { MachineNames } from './machine-names.js';
import { ownAddresses } from './resolvers.js';

const ADDRESS = '127.0.0.2';
const OF_MACHINE = '127.0.0.5';
const UPSTREAM = '127.0.0.3';
const SUBNET = '127.0.4.0/24';
/** One of the grid; `dig` asks as one of the machine. */
const CONTAINER = '127.0.4.9';

const addresses = (name: string, count: number): NameAnswer =>
  ({ kind: 'records', records: Array.from({ length: count }, (_, at) => ({ type: 'A', name, address: `10.81.1.${String(at + 1)}` })), besides: [] });

/** What the test's grid knows. */
function known({ name, type }: NameQuestion): NameAnswer {
  const lower = name.toLowerCase();
  if (lower === 'web.kontena.local') return type === 'A' ? addresses(name, 2) : { kind: 'none' };
  if (lower === 'many.kontena.local') return addresses(name, 60);
  if (lower === 'some.kontena.local') return addresses(name, 25);
  if (lower === '_80._tcp.web.kontena.local') return { kind: 'records', records: [{ type: 'SRV', name, target: 'web-1.kontena.local', port: 80 }], besides: [{ type: 'A', name: 'web-1.kontena.local', address: '10.81.1.1' }] };
  if (lower === 'fault.kontena.local') throw new RangeError('nobody thought of this');
  if (lower === 'web' || lower === '9.9.81.10.in-addr.arpa') return { kind: 'unknown' };
  if (lower === '1.1.81.10.in-addr.arpa') return { kind: 'records', records: [{ type: 'PTR', name, target: 'web-1.kontena.local' }], besides: [] };
  return lower.endsWith('kontena.local') ? { kind: 'unknown' } : { kind: 'elsewhere' };
}

/** A server that somebody else runs: it knows example.com, and a text that is too large for a datagram. */
class Upstream {
  readonly asked: string[] = [];
  isSilent = false;
  /** Asks in turn whoever asks, as a server does that is told to. */
  isMirror = false;
  readonly #port: () => number;
  readonly #udp: Socket = createSocket('udp4');
  readonly #tcp: Server;
  readonly #sockets = new Set<TcpSocket>();

  constructor(port: () => number) {
    this.#port = port;
    this.#udp.on('message', (bytes, from) => {
      if (this.isMirror) {
        this.#mirror(bytes, (answer) => this.#udp.send(answer, from.port, from.address));
        return;
      }
      const query = packet.decode(bytes);
      this.asked.push(`udp ${query.questions?.[0]?.name ?? ''}`);
      if (!this.isSilent) this.#udp.send(packet.encode(this.#answer(query, 512)), from.port, from.address);
    });
    this.#tcp = createServer((socket) => {
      this.#sockets.add(socket);
      socket.on('data', (bytes: Buffer) => {
        const query = packet.decode(bytes.subarray(2));
        this.asked.push(`tcp ${query.questions?.[0]?.name ?? ''}`);
        socket.write(packet.streamEncode(this.#answer(query, 65_535)));
      });
    });
  }

  async start(): Promise<number> {
    await new Promise<void>((resolve) => this.#udp.bind(0, UPSTREAM, () => resolve()));
    const { port } = this.#udp.address();
    await new Promise<void>((resolve) => this.#tcp.listen(port, UPSTREAM, () => resolve()));
    return port;
  }

  #mirror(bytes: Buffer, send: (answer: Buffer) => void): void {
    const client = createSocket('udp4');
    client.on('message', (answer) => {
      client.close();
      send(answer);
    });
    client.send(bytes, this.#port(), ADDRESS);
  }

  close(): void {
    this.#udp.close();
    this.#tcp.close();
    for (const socket of this.#sockets) socket.destroy();
  }

  #answer({ id, questions = [] }: Packet, maxBytes: number): Packet {
    const name = questions[0]?.name ?? '';
    const base = { type: 'response', id, questions } as const;
    if (name.toLowerCase() === 'example.com') return { ...base, answers: [{ type: 'A', name, ttl: 60, data: '192.0.2.1' }] };
    if (name === 'large.example.com') {
      const answers = Array.from({ length: 40 }, (_, at): Answer => ({ type: 'TXT', name, ttl: 60, data: [`text number ${String(at)} ${'x'.repeat(40)}`] }));
      return maxBytes < 1_000 ? { ...base, flags: packet.TRUNCATED_RESPONSE } : { ...base, answers };
    }
    return { ...base, flags: 3, authorities: [{ type: 'SOA', name: 'com', ttl: 30, data: { mname: 'a', rname: 'b', serial: 1, refresh: 1, retry: 1, expire: 1, minimum: 30 } }] };
  }
}

describe('a server of names', () => {
  let upstream: Upstream;
  let server: NameServer;
  let port: number;
  let problems: (NetworkProblem | undefined)[];
  let errors: unknown[];
  let resolvers: readonly string[];

  /** Resolves when it serves, or cannot. */
  const start = async (at = ADDRESS, on = port): Promise<void> => {
    const forwarder = new Forwarder({ clock: systemClock, resolvers: () => resolvers, port: upstreamPort });
    const log: Log = { info: () => void (served = true), warn: () => undefined, error: (_message, facts) => void errors.push(facts) };
    const machine = machineResolver === undefined ? undefined : new MachineNames({ address: OF_MACHINE, clock: systemClock, resolver: machineResolver });
    server = new DnsServer({ clock: systemClock, log, port: on, forwarder, answer: known, machine, isOwn: ownAddresses(systemClock), onProblem: (problem) => void problems.push(problem) });
    server.serve({ address: at, subnet: SUBNET });
    await until(() => served || problems.length > 0);
  };
  let served: boolean;
  let machineResolver: MachineResolver | undefined;
  let upstreamPort: number;

  beforeEach(async () => {
    upstream = new Upstream(() => port);
    upstreamPort = await upstream.start();
    problems = [];
    errors = [];
    served = false;
    machineResolver = undefined;
    resolvers = [UPSTREAM];
    port = await freePort();
  });
  afterEach(async () => {
    await server.stop();
    upstream.close();
  });

  const dig = async (...args: readonly string[]): Promise<string> => (await promisify(execFile)('dig', [`@${ADDRESS}`, '-p', String(port), '+tries=5', '+time=1', ...args])).stdout;
  const short = async (...args: readonly string[]): Promise<readonly string[]> => (await dig('+short', ...args)).split('\n').filter((line) => line !== '').sort();

  test('answers dig by UDP and TCP, with EDNS and without, in any letters', async () => {
    await start();
    expect(await short('web.kontena.local')).toEqual(['10.81.1.1', '10.81.1.2']);
    expect(await short('+tcp', 'web.kontena.local')).toEqual(['10.81.1.1', '10.81.1.2']);
    expect(await dig('+noedns', 'WeB.Kontena.Local')).toMatch(/^WeB\.Kontena\.Local\.\s+5\s+IN\s+A\s+10\.81\.1\.1$/m);
    expect(await dig('web.kontena.local')).toMatch(/flags: qr aa rd ra;[^]*EDNS: version: 0/);
    expect(await short('SRV', '_80._tcp.web.kontena.local')).toEqual(['0 0 80 web-1.kontena.local.']);
    expect(await dig('SRV', '_80._tcp.web.kontena.local')).toMatch(/ADDITIONAL SECTION:[^]*web-1\.kontena\.local\.\s+5\s+IN\s+A\s+10\.81\.1\.1/);
    expect(await short('-x', '10.81.1.1')).toEqual(['web-1.kontena.local.']);
  });

  test('says no in the two right ways, each with how long that may be kept', async () => {
    await start();
    expect(await dig('nobody.kontena.local')).toMatch(/status: NXDOMAIN[^]*kontena\.local\.\s+1\s+IN\s+SOA/);
    expect(await dig('AAAA', 'web.kontena.local')).toMatch(/status: NOERROR[^]*ANSWER: 0[^]*kontena\.local\.\s+1\s+IN\s+SOA/);
    expect(await dig('-x', '10.81.9.9')).toMatch(/status: NXDOMAIN[^]*^in-addr\.arpa\.\s+1\s+IN\s+SOA/m);
    expect(await dig('web')).toMatch(/status: NXDOMAIN[^]*^\.\s+1\s+IN\s+SOA/m);
  });

  test('a fault in answering is a failure to who asked, and to nobody else', async () => {
    await start();
    expect(await dig('fault.kontena.local')).toMatch(/status: SERVFAIL/);
    expect(errors).toEqual([{ name: 'fault.kontena.local', type: 'A', reason: 'nobody thought of this' }]);
    expect(await short('web.kontena.local')).toHaveLength(2);
  });

  test('what is too large for a datagram is asked for again by TCP', async () => {
    await start();
    expect(await dig('+ignore', '+noedns', 'many.kontena.local')).toMatch(/flags: qr aa tc/);
    expect(await short('+noedns', 'many.kontena.local')).toHaveLength(60);
    expect(await dig('+ignore', '+bufsize=1232', 'some.kontena.local')).not.toMatch(/ tc /);
  });

  test('asks others for what is not of the grid: once, and not again while the answer is good', async () => {
    await start();
    expect(await Promise.all([short('example.com'), short('example.com'), short('EXAMPLE.com')])).toEqual([['192.0.2.1'], ['192.0.2.1'], ['192.0.2.1']]);
    expect(await dig('EXAMPLE.com')).toMatch(/^;EXAMPLE\.com\.[^]*^example\.com\.\s+(59|60)\s/im);
    expect(upstream.asked.map((one) => one.toLowerCase())).toEqual(['udp example.com']);
    expect(await dig('nothing.com')).toMatch(/status: NXDOMAIN/);
    expect(await short('+tcp', 'TXT', 'large.example.com')).toHaveLength(40);
    expect(upstream.asked.slice(-2)).toEqual(['udp large.example.com', 'tcp large.example.com']);
  });

  test('one that does not answer is passed over; where none answers, it says so', async () => {
    await start();
    resolvers = ['127.0.0.9', UPSTREAM]; // nobody is there
    expect(await short('+time=5', 'example.com')).toEqual(['192.0.2.1']);
    upstream.isSilent = true;
    expect(await dig('+time=6', 'other.com')).toMatch(/status: SERVFAIL/);
    resolvers = [];
    expect(await dig('third.com')).toMatch(/status: SERVFAIL/);
  });

  test('a question that came back is refused at once, and the circle is a problem until it is none', async () => {
    await start();
    upstream.isMirror = true;
    expect(await dig('example.com')).toMatch(/status: SERVFAIL[^]*Query time: \d{1,3} msec/);
    expect(problems).toEqual([{ what: 'names', reason: `the server of names ${UPSTREAM} that this machine uses asks this node in turn`, remedy: expect.stringContaining('/etc/resolv.conf') }]);
    upstream.isMirror = false;
    expect(await short('example.com')).toEqual(['192.0.2.1']);
    expect(problems.at(-1)).toBeUndefined();
  });

  test('one asker who waits for very many answers takes no place from others', async () => {
    await start();
    upstream.isSilent = true;
    const client = createSocket('udp4');
    const heard: number[] = [];
    client.on('message', (bytes) => heard.push(packet.decode(bytes).flags! & 0x0f));
    await new Promise<void>((resolve) => client.bind(0, CONTAINER, () => resolve()));
    for (let id = 0; id < 300; id++) client.send(packet.encode({ type: 'query', id, questions: [{ type: 'A', name: `n${id}.example.com` }] }), port, ADDRESS);
    await until(() => heard.length >= 100);
    expect([heard.length, new Set(heard)]).toEqual([100, new Set([2])]);
    upstream.isSilent = false;
    expect(await short('example.com')).toEqual(['192.0.2.1']);
    client.close();
  });

  test('what is not of the world as we know it is refused', async () => {
    await start();
    expect([await dig('CH', 'TXT', 'version.bind'), await dig('+edns=1', '+noednsneg', 'web.kontena.local'), await dig('+opcode=notify', 'web.kontena.local')]).toEqual([
      expect.stringContaining('status: REFUSED'), expect.stringContaining('status: BADVERS'), expect.stringContaining('status: NOTIMP'),
    ]);
  });

  test('never asks itself, nor another of its grid', async () => {
    await start();
    resolvers = ['127.0.4.1', '127.0.4.200'];
    expect(await dig('example.com')).toMatch(/status: SERVFAIL[^]*Query time: \d{1,2} msec/);
  });

  test('an address that is not there yet is a problem until it is', async () => {
    await start('10.81.77.1');
    expect(problems).toEqual([expect.objectContaining({ what: 'names', reason: expect.stringContaining(`cannot listen on 10.81.77.1:${String(port)}`) })]);
    server.serve({ address: ADDRESS, subnet: SUBNET });
    await until(() => served);
    expect(await short('web.kontena.local')).toHaveLength(2);
    expect(problems.at(-1)).toBeUndefined();
  });

  test('a port that is taken is a problem, and served when it is free', async () => {
    const other = createSocket('udp4');
    await new Promise<void>((resolve) => other.bind(port, ADDRESS, () => resolve()));
    await start();
    expect(problems[0]?.reason).toBe(`another program listens on ${ADDRESS}:${String(port)}`);
    other.close();
    await until(() => problems.length > 1);
    expect([problems[1], await short('web.kontena.local')]).toEqual([undefined, ['10.81.1.1', '10.81.1.2']]);
  });

  test('noise, answers and half questions do no harm, and get at most a refusal', async () => {
    await start();
    await short('web.kontena.local');
    const client = createSocket('udp4');
    const heard: Buffer[] = [];
    client.on('message', (bytes) => heard.push(bytes));
    const whole = packet.encode({ type: 'query', id: 7, flags: 256, questions: [{ type: 'A', name: 'web.kontena.local' }] });
    const noise = fc.sample(fc.oneof(
      fc.uint8Array({ maxLength: 600 }).map((bytes) => Buffer.from(bytes)),
      fc.tuple(fc.nat(whole.length - 1), fc.nat(255)).map(([at, byte]) => Buffer.from(whole.map((one, index) => (index === at ? byte : one)))),
      fc.nat(whole.length).map((length) => whole.subarray(0, length)),
    ), 3_000);
    for (const bytes of noise) client.send(bytes, port, ADDRESS);
    client.send(packet.encode({ type: 'response', id: 0x9999, questions: [{ type: 'A', name: 'web.kontena.local' }], answers: [] }), port, ADDRESS);
    expect(await short('web.kontena.local')).toHaveLength(2);
    await new Promise((resolve) => setTimeout(resolve, 200));
    client.close();
    expect(heard.filter((bytes) => bytes.readUInt16BE(0) === 0x9999)).toEqual([]);
    expect(Math.max(0, ...heard.map((bytes) => bytes.length))).toBeLessThan(300);
  });

  test('a connection that says too much costs nothing but itself, and nobody has more than a few', async () => {
    await start();
    await short('+tcp', 'web.kontena.local');
    const sockets = Array.from({ length: 40 }, () => connect({ host: ADDRESS, port, localAddress: '127.0.0.1' }).on('error', () => undefined));
    await until(() => sockets.filter(({ destroyed, readyState }) => destroyed || readyState === 'closed').length === 20);
    const open = sockets.find(({ readyState }) => readyState === 'open');
    open?.write(Buffer.alloc(10_000, 0xff)); // claims 65 535 bytes
    await until(() => open?.destroyed === true);
    expect(await short('+tcp', '-b', CONTAINER, 'web.kontena.local')).toHaveLength(2);
    for (const socket of sockets) socket.destroy();
  });

  test('many questions in one go by TCP are all answered, those that others must answer as well', async () => {
    await start();
    const names = Array.from({ length: 1_000 }, (_, at) => (at % 10 === 0 ? `n${at}.com` : 'many.kontena.local'));
    const socket = connect({ host: ADDRESS, port, localAddress: '127.0.0.1' });
    socket.write(Buffer.concat(names.map((name, id) => packet.streamEncode({ type: 'query', id, questions: [{ type: 'A', name }] }))));
    const answers = new Map<number, number>();
    let heard = Buffer.alloc(0);
    socket.on('data', (piece: Buffer) => {
      heard = Buffer.concat([heard, piece]);
      for (; heard.length >= 2 && heard.length >= 2 + heard.readUInt16BE(0); heard = heard.subarray(2 + heard.readUInt16BE(0))) {
        const { id = -1, answers: found = [] } = packet.streamDecode(heard.subarray(0, 2 + heard.readUInt16BE(0)));
        answers.set(id, found.length);
      }
    });
    await until(() => answers.size === names.length);
    expect([...answers].filter(([id, count]) => count !== (id % 10 === 0 ? 0 : 60))).toEqual([]);
    socket.destroy();
  });

  test('who has said all by TCP still hears all answers, and then the end', async () => {
    await start();
    const names = ['example.com', 'web.kontena.local', 'nobody.com'];
    const socket = connect({ host: ADDRESS, port, localAddress: '127.0.0.1', allowHalfOpen: true });
    socket.end(Buffer.concat(names.map((name, id) => packet.streamEncode({ type: 'query', id, questions: [{ type: 'A', name }] }))));
    let heard = Buffer.alloc(0);
    for await (const piece of socket) heard = Buffer.concat([heard, piece as Buffer]);
    const answers = new Map<number, number>();
    for (; heard.length > 0; heard = heard.subarray(2 + heard.readUInt16BE(0))) {
      const { id = -1, answers: found = [] } = packet.streamDecode(heard.subarray(0, 2 + heard.readUInt16BE(0)));
      answers.set(id, found.length);
    }
    expect([...answers].sort()).toEqual([[0, 1], [1, 2], [2, 0]]);
  });

  test('programs of the machine ask at an address of its own, for as long as somebody answers there', async () => {
    const asked: string[] = [];
    machineResolver = { use: (address) => Promise.resolve(void asked.push(address)), leave: () => Promise.resolve(void asked.push('left')) };
    await start();
    await until(() => asked.length > 0);
    expect((await promisify(execFile)('dig', [`@${OF_MACHINE}`, '-p', String(port), '+tries=5', '+time=1', '+short', 'web.kontena.local'])).stdout.split('\n').sort()).toEqual(['', '10.81.1.1', '10.81.1.2']);
    resolvers = [OF_MACHINE, UPSTREAM]; // as the file of a machine says that was told of us
    expect(await short('example.com')).toEqual(['192.0.2.1']);
    expect(problems).toEqual([]);
    await server.stop();
    expect(asked).toEqual([OF_MACHINE, 'left']);
  });

  test('half a question, and one who says nothing, are given up after a while', async () => {
    const clock = new FakeClock(1_000_000);
    const accepted: TcpSocket[] = [];
    const connections = new Connections(clock, () => undefined);
    const listener = createServer((socket) => {
      accepted.push(socket);
      connections.take(socket, 'someone');
    });
    await new Promise<void>((resolve) => listener.listen(port, ADDRESS, () => resolve()));
    const slow = connect({ host: ADDRESS, port });
    for (const [at, byte] of [0, 40, 1].entries()) {
      slow.write(Buffer.from([byte]));
      await until(() => accepted[0]?.bytesRead === at + 1);
      clock.advance(2_000);
    }
    await until(() => accepted[0]?.destroyed === true);
    expect([accepted[0]?.timeout, clock.pending]).toEqual([10_000, 0]);
    slow.destroy();
    listener.close();
    await start();
  });
});

async function freePort(): Promise<number> {
  const socket = createServer();
  await new Promise<void>((resolve) => socket.listen(0, ADDRESS, () => resolve()));
  const { port } = socket.address() as { port: number };
  await new Promise((resolve) => socket.close(resolve));
  return port;
}

async function until(isSo: () => boolean): Promise<void> {
  for (let left = 1_000; left > 0 && !isSo(); left -= 1) await new Promise((resolve) => setTimeout(resolve, 20));
  expect(isSo()).toBe(true);
}
