import { describe, expect, test } from '@jest/globals';
import type { HistoryItem, Resource } from '../../ports/index.js';
import { resource } from '../fake-host.js';
import { type Described, summaryOf } from './summary.js';

const NOW = Date.parse('2026-01-01T12:00:00.000Z');
const ago = (seconds: number): string => new Date(NOW - seconds * 1000).toISOString();
const instance = (name: string, status: Resource['status'], node = 'n1'): Resource => resource('Instance', name, { spec: { node }, status: { restarts: 0, ...status } });
const change = (at: string, reason = 'applied'): HistoryItem => ({ revision: 41, at, actor: 'ada', action: 'update', reason, spec: {} });
const said = (given: Partial<Described> & { readonly resource: Resource }): readonly string[] => summaryOf({ instances: [], changes: [], nowMs: NOW, ...given });

describe('what one came for', () => {
  const cases: readonly (readonly [string, Parameters<typeof said>[0], readonly string[]])[] = [
    ['of a service that runs', {
      resource: resource('Service', 'todo/web', { status: { state: 'running', instances: { wanted: 2, running: 2 } } }),
      instances: [instance('todo/web.1@5', { phase: 'running', since: ago(3600) }), instance('todo/web.2@5', { phase: 'running', since: ago(7200) })], changes: [change(ago(9000))],
    }, ['service todo/web: running, 2 of 2 instances run', 'last: todo/web.1@5 became running 1h ago']],
    ['of a service of which one instance fails', {
      resource: resource('Service', 'todo/web', { status: { state: 'degraded', reason: 'todo/web.2@5: no image', instances: { wanted: 2, running: 1 } } }),
      instances: [instance('todo/web.1@5', { phase: 'running', since: ago(3600) }), instance('todo/web.2@5', { phase: 'failed', reason: 'no image', since: ago(12) }, 'n2')], changes: [change(ago(3))],
    }, ['service todo/web: degraded for 12s, 1 of 2 instances run', 'wrong:', '  todo/web.2@5 on n2: failed for 12s: no image', 'last: applied by ada 3s ago, at revision 41']],
    ['of a stack, whose services say what is the matter, and whose file is broken', {
      resource: resource('Stack', 'todo', { status: { state: 'degraded', sourceError: 'line 3', instances: { wanted: 1, running: 1 }, services: { web: { reason: 'declared 57, running 41 (reverted)' }, db: {} } } }),
      instances: [instance('todo/web.1@5', { phase: 'running', health: 'unhealthy', since: ago(60) })],
    }, ['stack todo: degraded for 1m, 1 of 1 instances run', 'wrong:', '  declared 57, running 41 (reverted)', '  its file: line 3', '  todo/web.1@5 on n1: running for 1m', 'last: todo/web.1@5 became running 1m ago']],
    ['of an instance', { resource: instance('todo/web.1@5', { phase: 'failed', health: 'unhealthy', restarts: 3, reason: 'unhealthy: answered 500', since: ago(5), exitCode: 3 }) },
      ['instance todo/web.1@5: failed for 5s, on n1, unhealthy, started again 3 times', 'wrong:', '  unhealthy: answered 500', 'last: its container ended with exit code 3']],
    ['of an instance that nothing asks how it is', { resource: instance('todo/web.1@5', { phase: 'running', health: 'none', since: ago(5) }) }, ['instance todo/web.1@5: running for 5s, on n1']],
    ['of a node that lacks something', {
      resource: resource('Node', 'n1', { status: { phase: 'online', since: ago(60), network: { reason: 'no part', problems: [{ what: 'WireGuard', reason: 'not there', remedy: 'install it' }] } } }),
    }, ['node n1: online for 1m', 'wrong:', '  no part', '  WireGuard: not there (install it)']],
    ['of a grid', { resource: resource('Grid', 'shop', { status: { nodes: { total: 3, online: 2 }, stacks: 1 } }) }, ['grid shop: 2 of 3 nodes are online']],
    ['of what has no state', { resource: resource('Secret', 'pw') }, ['secret pw']],
  ];
  test.each(cases)('%s', (_title, given, expected) => {
    expect(said(given)).toEqual(expected);
  });
});
