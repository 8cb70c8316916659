import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { type ClientHttp2Session, type ClientHttp2Stream, connect as connectHttp2 } from 'node:http2';
import { connect as connectTcp } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { Client, credentials } from '@grpc/grpc-js';
import { afterAll, afterEach, beforeAll, beforeEach, expect, jest, test } from '@jest/globals';
import type { Instant } from '../model/index.js';
import { connect, type Connected, type Credential } from './client/index.js';
import { listQueryTo } from './convert/resources.js';
import { fromNodeTo } from './convert/node.js';
import { ControlService } from './gen/kontena/v1/control.js';
import { NodeLinkService } from './gen/kontena/v1/node.js';
import { stackSpec } from '../testing/opened-api.js';
import { joinCluster } from './index.js';
import { readIdentity } from './pki/files.js';

/** A real master under floods: bundling and starting it take seconds. */
jest.setTimeout(120_000);

const MIB = 1024 * 1024;
const MOST_MIB = 200;
/** On a machine that makes the flood itself, and perhaps other things. */
const SLOWEST_MS = 5_000;

const directory = mkdtempSync(join(tmpdir(), 'kontena-flood-'));
const program = join(directory, 'master.mjs');
const closing: (() => unknown)[] = [];
const figures: string[] = [];
let master: ChildProcess;
let admin: Credential;
let client: Connected;
let data: string;
let restMib: number;

beforeAll(() => {
  symlinkSync(resolve('node_modules'), join(directory, 'node_modules'));
  const banner = '--banner:js=import { createRequire as makeRequire } from "node:module"; const require = makeRequire(import.meta.url);';
  const externals = ['better-sqlite3', '*.node', '@grpc/proto-loader'].map((name) => `--external:${name}`);
  execFileSync('node_modules/.bin/esbuild', [resolve('src/main/master.ts'), '--bundle', '--minify', '--platform=node', '--format=esm', ...externals, banner, `--outfile=${program}`, '--log-level=error']);
});
beforeEach(async () => {
  data = mkdtempSync(join(directory, 'master-'));
  master = spawn(process.execPath, [program, '--data', data, '--listen', '127.0.0.1:0'], { stdio: ['ignore', 'pipe', 'ignore'] });
  await new Promise<void>((ready) => master.stdout?.on('data', (piece: Buffer) => piece.includes('ready ') && ready()));
  admin = JSON.parse(readFileSync(join(data, 'admin.json'), 'utf8')) as Credential;
  client = connect(admin, { timeoutMs: 5000 });
  await client.master.info();
  restMib = peakMib();
});
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
  client.close();
  const ended = new Promise((over) => master.once('close', over));
  master.kill('SIGKILL');
  await ended;
});
afterAll(() => {
  rmSync(directory, { recursive: true, force: true });
  process.stderr.write(`${figures.join('\n')}\n`);
});

/** The most memory that the master has had. */
function peakMib(): number {
  const peak = /VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${master.pid}/status`, 'utf8'))?.[1];
  return Math.round(Number(peak) / 1024);
}

const pause = (ms: number): Promise<void> => new Promise((over) => setTimeout(over, ms));

/** The flood goes on for a while, and the master answers all the time, within its memory. */
async function endure(what: string): Promise<void> {
  let slowestMs = 0;
  for (let round = 0; round < 8; round += 1) {
    await pause(500);
    const began = Date.now();
    const names: string[] = [];
    for await (const { name } of client.resources.list({ grid: 'default', kind: 'grid' })) names.push(name);
    expect(names).toEqual(['default']);
    slowestMs = Math.max(slowestMs, Date.now() - began);
  }
  figures.push(`${what}: ${restMib} MiB at rest, at most ${peakMib()} MiB, slowest answer ${slowestMs} ms`);
  expect(peakMib()).toBeLessThan(MOST_MIB);
  expect(slowestMs).toBeLessThan(SLOWEST_MS);
}

/** A connection that heeds no limit which it is told of; without papers, a stranger's. */
function session(papers?: { readonly certificate: string; readonly key: string }): ClientHttp2Session {
  const shown = papers === undefined ? {} : { cert: papers.certificate, key: papers.key };
  const opened = connectHttp2(`https://${admin.server}`, { rejectUnauthorized: false, servername: 'kontena-master', ...shown });
  opened.on('error', () => undefined);
  closing.push(() => opened.destroy());
  return opened;
}

function call(on: ClientHttp2Session, path: string): ClientHttp2Stream {
  const stream = on.request({ ':method': 'POST', ':path': path, 'content-type': 'application/grpc', te: 'trailers' });
  stream.on('error', () => undefined);
  return stream;
}

/** Asks with another credential from here on than the one that floods. */
async function useOther(): Promise<void> {
  const own = await client.credentials.create({ name: 'other', lifetimeSeconds: 3600, role: 'developer', grid: 'default' });
  client.close();
  client = connect({ ...own, server: admin.server }, { timeoutMs: 5000 });
}

/** Most of a message, and never the rest. */
function begin(stream: ClientHttp2Stream, bytes: number): void {
  const head = Buffer.alloc(5);
  head.writeUInt32BE(bytes, 1);
  stream.write(head);
  stream.write(Buffer.alloc(bytes - 1, 1));
}

const message = (body: Uint8Array): Buffer => {
  const head = Buffer.alloc(5);
  head.writeUInt32BE(body.length, 1);
  return Buffer.concat([head, body]);
};

test('who has no certificate: streams to Join that never end', async () => {
  for (let number = 0; number < 150; number += 1) {
    const on = session();
    for (let streams = 0; streams < 4; streams += 1) begin(call(on, NodeLinkService.join.path), streams === 0 ? 4 * MIB : 16 * 1024);
  }
  const many = session();
  for (let streams = 0; streams < 150; streams += 1) begin(call(many, NodeLinkService.join.path), 4 * MIB);
  await endure('150 connections, 750 streams to Join that never end');
});

test('who has no certificate: connections that say nothing, and some that only shake hands', async () => {
  const [host = '', port = ''] = admin.server.split(':');
  for (let number = 0; number < 2_000; number += 1) {
    const socket = connectTcp({ host, port: Number(port) });
    socket.on('error', () => undefined);
    closing.push(() => socket.destroy());
  }
  for (let number = 0; number < 200; number += 1) session();
  await endure('2,000 silent connections and 200 that shake hands');
});

test('a client: requests of 4 MiB that never end do not keep others from being answered', async () => {
  await useOther();
  for (let number = 0; number < 60; number += 1) {
    const on = session(admin);
    for (let streams = 0; streams < 20; streams += 1) begin(call(on, ControlService.apply.path), 4 * MIB - 8);
  }
  await endure('60 connections, 1,200 requests of 4 MiB that never end');
});

test('a client: watches that are never read are refused beyond some, and cost little', async () => {
  const services = Object.fromEntries(Array.from({ length: 100 }, (_, index) => [`s${index}`, { env: [`A=${'x'.repeat(2000)}`] }]));
  await client.stacks.apply({ grid: 'default', stack: stackSpec('big', services), dryRun: false });
  const request = message(ControlService.watch.requestSerialize(listQueryTo({ grid: 'default', kind: 'service' })));
  for (let number = 0; number < 12; number += 1) {
    const on = session(admin);
    for (let streams = 0; streams < 50; streams += 1) call(on, ControlService.watch.path).end(request).pause();
  }
  const list = async (): Promise<unknown> => client.resources.list({ grid: 'default', kind: 'grid' })[Symbol.asyncIterator]().next().then(() => undefined, (error: unknown) => error);
  let refusal: unknown;
  for (let tries = 0; tries < 40 && refusal === undefined; tries += 1) {
    await pause(500);
    refusal = await list();
  }
  expect(refusal).toMatchObject({ code: 'KON_BUSY' });
  for (let number = 0; number < 10; number += 1) {
    await pause(300);
    expect(await client.master.info()).toMatchObject({ epoch: 1 });
  }
  figures.push(`600 watches that are never read: ${restMib} MiB at rest, at most ${peakMib()} MiB`);
  expect(peakMib()).toBeLessThan(MOST_MIB);
});

async function joined(): Promise<{ readonly certificate: string; readonly key: string }> {
  const { token } = await client.tokens.create('default', { ttlSeconds: 60, labels: [] });
  await joinCluster({ master: admin.server, token, name: 'n1', labels: [], pkiDirectory: join(data, 'n1') });
  return (await readIdentity(join(data, 'n1', 'agent.pem')))!;
}

test('an agent: a snapshot without end, of instances that nobody knows', async () => {
  const papers = await joined();
  const node = new Client(admin.server, credentials.createSsl(Buffer.from(admin.ca), Buffer.from(papers.key), Buffer.from(papers.certificate)), { 'grpc.ssl_target_name_override': 'kontena-master' });
  closing.push(() => node.close());
  const { path, requestSerialize, responseDeserialize } = NodeLinkService.session;
  const link = node.makeBidiStreamRequest(path, requestSerialize, responseDeserialize);
  const ended = new Promise<string>((over) => link.on('error', ({ message: reason }) => over(reason)));
  const long = Array.from({ length: 1000 }, () => 'x'.repeat(1000));
  const facts = { agentVersion: 'a', engineVersion: '20', engineApiVersion: '1.41', operatingSystem: '', kernel: '', architecture: '', cpus: 1, memoryBytes: 1, volumeDrivers: long, networkDrivers: [], addresses: [] };
  link.write(fromNodeTo({ type: 'hello', facts, engine: { isAnswering: true } }));
  const reports = Array.from({ length: 10 }, (_, index) => ({
    name: `todo/web.${index}@1`, isGone: false, report: { phase: 'running' as const, since: 1 as Instant, restarts: 0, output: Array.from({ length: 20 }, () => 'y'.repeat(4000)) },
  }));
  let parts = 0;
  let isOver = false;
  void ended.then(() => (isOver = true));
  const flood = async (): Promise<void> => {
    for (; !isOver && parts < 5_000; parts += 1) {
      if (!link.write(fromNodeTo({ type: 'snapshot', reports, isLast: false }))) await Promise.race([new Promise((more) => link.once('drain', more)), ended]);
    }
  };
  const flooding = flood();
  await endure('a snapshot of 800 kB parts without end');
  await flooding;
  expect(await ended).toContain('has no end: 1000 messages of it came');
  figures.push(`  cut after ${parts} parts; at most ${peakMib()} MiB`);
  expect(peakMib()).toBeLessThan(MOST_MIB);
});

test('an agent: messages and streams larger and more than an agent of ours has', async () => {
  const papers = await joined();
  for (let number = 0; number < 50; number += 1) {
    const on = session(papers);
    for (let streams = 0; streams < 10; streams += 1) begin(call(on, streams % 2 === 0 ? NodeLinkService.session.path : NodeLinkService.renew.path), 2 * MIB);
  }
  await endure('50 connections of one agent, 500 streams of 2 MiB');
});
