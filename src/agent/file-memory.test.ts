import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Assignments, DEFAULT_BALANCER, NO_ANSWERS, NO_BALANCERS, NO_REGISTRY } from '../model/index.js';
import { minimalService } from '../testing/runtime-contract.js';
import { fileMemory } from './file-memory.js';

const assignments = (revision: number): Assignments => ({
  cluster: 'c', epoch: 1, revision, grid: 'g',
  containers: { services: { 'todo/web@4': minimalService('web:1') }, instances: [{ name: 'todo/web.1@5', service: 'todo/web@4', wanted: 'running' }], secrets: { 'Secret/a@1': 'x' } },
  network: { subnet: '10.81.0.0/16', lease: '10.81.1.0/24', restricted: [{ stack: 'todo', from: ['todo'] }] },
  names: { links: { 'todo/web': { redis: 'cache/redis' } } },
  balancers: { balancers: { 'infra/lb': { spec: DEFAULT_BALANCER, instances: [], routes: {} } }, secrets: {}, challenges: {} },
  answers: { challenges: { token: 'answer' } },
  registry: { host: 'registry.g.kontena.local' },
  statistics: { statsd: 'graphs:8125' },
});

let directory: string;
let file: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'kontena-memory-'));
  file = join(directory, 'assignments.json');
});
afterEach(() => rmSync(directory, { recursive: true }));

test('what was saved last is what is loaded', async () => {
  const memory = fileMemory(file);
  expect(await memory.load()).toBeUndefined();
  await memory.save(assignments(1));
  await memory.save(assignments(2));
  expect(await fileMemory(file).load()).toEqual(assignments(2));
  expect(readdirSync(directory)).toEqual(['assignments.json']);
  expect(statSync(file).mode & 0o777).toBe(0o600); // what runs, and with what environment, is nobody else's business
});

test('a crash while saving leaves what was there before', async () => {
  await fileMemory(file).save(assignments(1));
  writeFileSync(`${file}.new`, '{"format":2,"assign');
  expect(await fileMemory(file).load()).toEqual(assignments(1));
});

test.each([
  ['half of it', (text: string) => text.slice(0, text.length / 2)],
  ['nothing', () => ''],
  ['noise', () => '\u0000\u0001'],
  ['null', () => 'null'],
  ['something else', () => '{"format":2,"assignments":{"cluster":"c","epoch":1,"revision":1,"containers":{"services":{},"instances":5},"network":{},"names":{}}}'],
  ['another format', (text: string) => text.replace('"format":2', '"format":3')],
  ['an instance without its service', (text: string) => text.replace('"todo/web@4":', '"todo/web@3":')],
])('a file that holds %s is refused, and kept aside', async (_title, damage) => {
  await fileMemory(file).save(assignments(1));
  const damaged = damage(readFileSync(file, 'utf8'));
  writeFileSync(file, damaged);
  await expect(fileMemory(file).load()).rejects.toMatchObject({ code: 'KON_FILE_UNREADABLE', message: expect.stringContaining(`${file}.damaged`) });
  expect(readFileSync(`${file}.damaged`, 'utf8')).toBe(damaged);
  expect(await fileMemory(file).load()).toBeUndefined();
});

test('a file of an older agent is understood: what must run was all there was', async () => {
  const { containers, network: _network, names: _names, balancers: _balancers, answers: _answers, registry: _registry, ...rest } = assignments(7);
  writeFileSync(file, JSON.stringify({ format: 1, assignments: { ...rest, services: containers.services, instances: containers.instances } }));
  expect(await fileMemory(file).load()).toEqual({ ...rest, containers: { ...containers, secrets: {} }, network: { subnet: '', restricted: [] }, names: { links: {} }, balancers: NO_BALANCERS, answers: NO_ANSWERS, registry: NO_REGISTRY, statistics: {} });
});

test('a file of an agent that knew neither balancers nor answers is understood', async () => {
  const { balancers: _balancers, answers: _answers, registry: _registry, statistics: _statistics, ...rest } = assignments(7);
  writeFileSync(file, JSON.stringify({ format: 2, assignments: rest }));
  expect(await fileMemory(file).load()).toEqual({ ...rest, balancers: NO_BALANCERS, answers: NO_ANSWERS, registry: NO_REGISTRY, statistics: {} });
});
