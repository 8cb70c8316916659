import { beforeEach, expect, test } from '@jest/globals';
import type { Nodes, Store } from '../ports/index.js';
import { world, type World } from '../testing/world.js';
import { lookInside, openFiles, openProgram } from './inside.js';

const nothing = { async *received() { /* nothing */ }, send: () => Promise.resolve(true), end: () => undefined, close: () => undefined };
const signal = new AbortController().signal;

let given: World;
let asked: string[];
beforeEach(() => {
  asked = [];
  given = world().with('Grid', 'default', { defaultAffinity: [] }).node('n1').node('n2').stack('todo', { web: {}, db: {} }).service('todo/web@1').service('todo/db@1')
    .instance('todo/web.1@5', 'n1', { phase: 'starting' })
    .instance('todo/web.2@6', 'n2', { phase: 'running', health: 'unhealthy' })
    .instance('todo/web.3@7', 'n1', { phase: 'running' })
    .instance('todo/db.1@8', 'n2', { phase: 'running', wanted: 'stopped' });
});

const nodes: Pick<Nodes, 'ask' | 'files' | 'program'> = {
  ask: (node, question) => {
    asked.push(`${node.name} ${JSON.stringify(question)}`);
    return Promise.resolve({ kind: 'file' } as never);
  },
  files: (node, { instance, path, way }) => {
    asked.push(`${node.name} ${way} ${instance} ${path}`);
    return nothing;
  },
  program: (node, { instance, call }) => {
    asked.push(`${node.name} ${instance} ${call?.command.join(' ') ?? 'itself'}`);
    return nothing;
  },
};
const means = () => ({ store: { view: () => given } as unknown as Store, nodes });
const exec = (name: string) => openProgram(means(), 'default', { name, call: { command: ['ls', '/'], hasInput: false } }, signal);

test('a program is begun in the instance that is named, whatever its state, or in the first of a service that runs', () => {
  for (const name of ['todo/web.1', 'instance/todo/web.3@7', 'todo/web', 'web', 'todo/db.1']) exec(name);
  expect(asked).toEqual(['n1 todo/web.1@5 ls /', 'n1 todo/web.3@7 ls /', 'n2 todo/web.2@6 ls /', 'n2 todo/web.2@6 ls /', 'n2 todo/db.1@8 ls /']);
  openProgram(means(), 'default', { name: 'todo/web.3' }, signal);
  expect(asked.at(-1)).toBe('n1 todo/web.3@7 itself');
});

test('files are packed, unpacked and looked at where they are', async () => {
  const at = { name: 'todo/web.3', path: '/etc' };
  openFiles(means(), 'default', { ...at, way: 'pack' }, signal);
  openFiles(means(), 'default', { ...at, way: 'unpack' }, signal);
  expect(await lookInside(means(), 'default', at, signal)).toEqual({ kind: 'file' });
  expect(asked).toEqual(['n1 pack todo/web.3@7 /etc', 'n1 unpack todo/web.3@7 /etc', 'n1 {"kind":"look","instance":"todo/web.3@7","path":"/etc"}']);
  await expect(lookInside(means(), 'default', { ...at, path: 'etc' }, signal)).rejects.toMatchObject({ code: 'KON_INVALID' });
});

test.each([['todo', 'KON_INVALID', 'todo is a stack'], ['todo/db', 'KON_CONFLICT', 'no instance of todo/db runs at the moment'], ['todo/we', 'KON_NOT_FOUND', 'todo/we']])('%s is refused', (name, code, message) => {
  expect(() => exec(name)).toThrow(expect.objectContaining({ code, message: expect.stringContaining(message) }));
  expect(asked).toEqual([]);
});
