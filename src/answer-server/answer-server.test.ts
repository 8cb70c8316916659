import { createServer, get, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { NetworkProblem } from '../model/index.js';
import type { AnswerServer } from '../ports/index.js';
import { FakeClock } from '../testing/fake-clock.js';
import { answerServers } from './index.js';

const clock = new FakeClock();
let port: number;
let problem: NetworkProblem | undefined;
let server: AnswerServer;
beforeEach(async () => {
  const taken = await listen();
  ({ port } = taken.address() as AddressInfo);
  await close(taken);
  problem = undefined;
  server = answerServers({ clock, port })({ onProblem: (one) => void (problem = one) });
});
afterEach(() => server.stop());

const listen = (at = 0): Promise<Server> => new Promise((resolve) => {
  const one = createServer().listen(at, () => resolve(one));
});
const close = (one: Server): Promise<void> => new Promise((resolve) => void one.close(() => resolve()));

/** Status and text, or the code of what went wrong. */
const ask = (path: string): Promise<string> => new Promise((resolve) => {
  get({ host: '127.0.0.1', port, path }, (response) => {
    let text = '';
    response.on('data', (part: Buffer) => void (text += part.toString()));
    response.on('end', () => resolve(`${String(response.statusCode)} ${text}`));
  }).on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? ''));
});

async function eventually(look: () => Promise<boolean> | boolean): Promise<void> {
  for (let i = 0; i < 200 && !(await look()); i += 1) await new Promise((resolve) => setTimeout(resolve, 10));
  expect(await look()).toBe(true);
}

test('answers what it is told to, nothing else, and is not there when there is nothing to answer', async () => {
  expect(await ask('/')).toBe('ECONNREFUSED');
  server.serve({ token: 'answer', other: 'another' });
  await eventually(async () => (await ask('/.well-known/acme-challenge/token')) === '200 answer');
  expect(await ask('/.well-known/acme-challenge/other')).toBe('200 another');
  for (const path of ['/', '/.well-known/acme-challenge/', '/.well-known/acme-challenge/nope', '/.well-known/acme-challenge/__proto__', '/token']) expect(await ask(path)).toBe('404 nothing is answered here\n');
  server.serve({ other: 'another' });
  expect(await ask('/.well-known/acme-challenge/token')).toMatch(/^404/);
  server.serve({});
  await eventually(async () => (await ask('/')) === 'ECONNREFUSED');
  server.serve({ token: 'again' });
  await eventually(async () => (await ask('/.well-known/acme-challenge/token')) === '200 again');
});

test('a port that is taken is told of, and taken as soon as it is free', async () => {
  const other = await listen(port);
  server.serve({ token: 'answer' });
  await eventually(() => problem !== undefined);
  expect(problem).toMatchObject({ what: `port ${String(port)}`, reason: expect.stringContaining('certificate authorities cannot be answered: the address is in use'), remedy: expect.stringContaining('--answer-on') });
  await close(other);
  clock.advance(5_000);
  await eventually(async () => (await ask('/.well-known/acme-challenge/token')) === '200 answer');
  expect(problem).toBeUndefined();
});

test('a port that stays taken is tried no more when there is nothing to answer', async () => {
  const other = await listen(port);
  server.serve({ token: 'answer' });
  await eventually(() => problem !== undefined);
  server.serve({});
  expect([problem, clock.pending]).toEqual([undefined, 0]);
  await close(other);
});
