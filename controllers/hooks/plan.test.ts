import { describe, expect, test } from '@jest/globals';
import { line, world, type World } from '../../src/testing/world.js';
import { hooks } from './index.js';
import { plan } from './plan.js';

const lines = (given: World): readonly string[] => plan('todo/web', given).steps.map(line);
const once = (name: string, oneshot = true) => ({ name, command: 'true', instances: '*', oneshot }) as const;
const HOOKS = { preStart: [once('migrate'), once('often', false)], postStart: [], preStop: [once('drain')] };
const base = (): World => world().node('n1').service('todo/web@1', { instances: 2, hooks: HOOKS }).instance('todo/web.1@4', 'n1').instance('todo/web.2@4', 'n1');

describe('hooks that run once', () => {
  test('what an agent says of a slot is recorded, once', () => {
    const given = base().report('todo/web.1@4', 'running', { hooksDone: ['preStart migrate'] });
    expect(lines(given)).toEqual(['+ HooksDone todo/web.1 preStart migrate (preStart migrate is done)']);
    expect(lines(given.apply(plan('todo/web', given).steps))).toEqual([]);
  });

  test('what the service does not declare, or not as running once, is not recorded on the word of an agent', () => {
    const said = ['preStart forged', 'preStop migrate', 'preStart often', 'migrate', '', 'preStart migrate'];
    const given = base().report('todo/web.1@4', 'running', { hooksDone: said });
    expect(lines(given)).toEqual(['+ HooksDone todo/web.1 preStart migrate (preStart migrate is done)']);
    expect(lines(base().without('Service', 'todo/web@1').service('todo/web@2').report('todo/web.1@4', 'running', { hooksDone: said }))).toEqual([]);
  });

  test('what is recorded stays when its instance is gone, and grows with the next one', () => {
    const given = base().with('HooksDone', 'todo/web.1', { hooks: ['preStart migrate'] }).without('Report', 'todo/web.1@4').without('Instance', 'todo/web.1@4');
    expect(lines(given)).toEqual([]);
    given.instance('todo/web.1@9', 'n1').report('todo/web.1@9', 'stopped', { hooksDone: ['preStop drain'] });
    expect(lines(given)).toEqual(['+ HooksDone todo/web.1 preStart migrate, preStop drain (preStop drain is done)']);
  });

  test('nothing is kept of a service that is gone', () => {
    const given = world().with('HooksDone', 'todo/web.1', { hooks: ['a'] }).with('HooksDone', 'todo/web-two.1', { hooks: ['a'] });
    expect(lines(given)).toEqual(['- HooksDone todo/web.1 (its service is gone)']);
  });

  test('only what says something of them wakes it', () => {
    const given = base().report('todo/web.1@4', 'running', { hooksDone: ['a'] });
    expect([hooks.watches.Report?.('todo/web.1@4', given), hooks.watches.Report?.('todo/web.2@4', given)]).toEqual([['todo/web'], []]);
    expect([hooks.watches.Service?.('todo/web@1', given), hooks.watches.Service?.('todo/old@1', given)]).toEqual([[], ['todo/old']]);
    expect(hooks.watches.HooksDone?.('todo/web.1', given)).toEqual(['todo/web']);
    expect(hooks.subjects(given)).toEqual(['todo/web']);
    expect(hooks.subjects(given.with('HooksDone', 'todo/old.2', { hooks: ['a'] }))).toEqual(['todo/old', 'todo/web']);
  });
});
