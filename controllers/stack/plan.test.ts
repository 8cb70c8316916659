import { describe, expect, test } from '@jest/globals';
import { DEFAULT_BALANCER, DEFAULT_ROUTE, type Instant } from '../../src/model/index.js';
import { line, type SpecOver, world, type World } from '../../src/testing/world.js';
import { stack } from './index.js';
import { plan } from './plan.js';

const lines = (given: World): readonly string[] => plan('todo', given).steps.map(line);
const settle = (given: World): World => given.apply(plan('todo', given).steps);
const web = (over: SpecOver = {}): World => settle(world().stack('todo', { web: over }));

describe('the services of a stack', () => {
  test('a stack declared for the first time has a record per service, named after its revision', () => {
    expect(lines(world().node('n1').stack('todo', { web: { instances: 2 }, db: {} }))).toEqual([
      '+ Service todo/db@4 current x1 (declared)',
      '+ Service todo/web@4 current x2 (declared)',
    ]);
  });

  test('declared again in the same form: nothing', () => {
    expect(lines(web().stack('todo', { web: {} }))).toEqual([]);
    expect(lines(web({ labels: { a: '1', b: '2' } }).stack('todo', { web: { labels: { b: '2', a: '1' } } }))).toEqual([]);
  });

  test.each<{ title: string; next: SpecOver; expected: readonly string[] }>([
    { title: 'more instances', next: { instances: 3 }, expected: ['+ Service todo/web@1 current x3 (scaled from 1 to 3)'] },
    { title: 'another affinity', next: { affinity: ['node==n1'] }, expected: ['+ Service todo/web@1 current x1 (its affinity changed)'] },
    { title: 'another way to be served', next: { route: { ...DEFAULT_ROUTE, hosts: ['a.com'] } }, expected: ['+ Service todo/web@1 current x1 (the way it is served changed)'] },
    { title: 'another way to serve', next: { balancer: DEFAULT_BALANCER }, expected: ['+ Service todo/web@1 current x1 (what it is as a balancer changed)'] },
    { title: 'another way to deploy', next: { deploy: { minHealth: 0.5 } }, expected: ['+ Service todo/web@1 current x1 (the way it is deployed changed)'] },
  ])('$title: the record is rewritten in place', ({ next, expected }) => {
    expect(lines(web().stack('todo', { web: next }))).toEqual(expected);
  });

  test('scaled by hand: the number of the file gives way until the file is applied again', () => {
    const scaled = web().stack('todo', { web: { instances: 1 } }, { web: 5 });
    expect(lines(scaled)).toEqual(['+ Service todo/web@1 current x5 (scaled from 1 to 5)']);
    expect(lines(settle(scaled).stack('todo', { web: {} }))).toEqual(['+ Service todo/web@1 current x1 (scaled from 5 to 1)']);
  });

  test('stopped by hand, or told to begin a round: every record that is kept says so, and none is made anew', () => {
    const spec = { name: 'todo', services: world().stack('todo', { web: { image: 'web:2' } }).get('Stack', 'todo')!.body.spec.services, volumes: {}, labels: [], metadata: {}, variables: {} };
    const given = settle(web().instance('todo/web.1@2', 'n1').stack('todo', { web: { image: 'web:2' } }));
    const byHand = given.with('Stack', 'todo', { spec, scaled: {}, stopped: ['web'], rounds: { web: 1 } });
    expect(lines(byHand)).toEqual(['+ Service todo/web@5 current x1 (it is to stand still)', '+ Service todo/web@1 old x1 (it is to stand still)']);
    settle(byHand);
    expect(['todo/web@5', 'todo/web@1'].map((name) => byHand.get('Service', name)?.body)).toMatchObject([{ isStopped: true, rounds: 1 }, { isStopped: true, rounds: 1 }]);
    expect(lines(byHand)).toEqual([]);
    expect(lines(byHand.with('Stack', 'todo', { spec, scaled: {}, rounds: { web: 2 } }))).toEqual(['+ Service todo/web@5 current x1 (it is to run again)', '+ Service todo/web@1 old x1 (it is to run again)']);
    settle(byHand);
    expect(lines(byHand.with('Stack', 'todo', { spec, scaled: {}, rounds: { web: 3 } }))[0]).toBe('+ Service todo/web@5 current x1 (its instances are to be replaced by their like)');
  });

  test('another image is another revision; the older one is dropped when nothing refers to it', () => {
    expect(lines(web().stack('todo', { web: { image: 'web:2' } }))).toEqual([
      '+ Service todo/web@3 current x1 (declared anew: replaces revision 1)',
      '- Service todo/web@1 (nothing refers to it any more)',
    ]);
  });

  test('a new version of a secret or certificate it opens is another revision, named after the newest record', () => {
    const secrets = [{ secret: 'pw', name: 'PW', type: 'env' as const }, { secret: 'later', name: 'L', type: 'env' as const }];
    const certificates = [{ subject: 'example.com', name: 'CERT', type: 'env' as const }];
    const given = world().secret('pw', 1).certificate('example.com', 4).stack('todo', { web: { secrets, certificates } });
    expect(lines(given)).toEqual(['+ Service todo/web@3 current x1 (declared)']);
    const settled = settle(given);
    expect(settled.get('Service', 'todo/web@3')?.body.spec).toMatchObject({ secrets: [{ secret: 'pw', version: 1 }, { secret: 'later' }], certificates: [{ version: 4 }] });
    expect(lines(settled.secret('other', 1))).toEqual([]);
    expect(lines(settled.secret('pw', 2))).toEqual([
      '+ Service todo/web@6 current x1 (secret pw changed: replaces revision 3)',
      '- Service todo/web@3 (nothing refers to it any more)',
    ]);
    const renewed = settle(settled).certificate('example.com', 5);
    expect(lines(renewed)[0]).toBe('+ Service todo/web@9 current x1 (certificate example.com changed: replaces revision 6)');
    expect(settle(renewed).get('Service', 'todo/web@9')?.body.spec.secrets[1]).toEqual({ secret: 'later', name: 'L', type: 'env' });
  });

  test('a secret concerns the stacks that open it', () => {
    const secrets = [{ secret: 'pw', name: 'PW', type: 'env' as const }];
    const given = world().stack('todo', { web: { secrets } }).stack('other', { web: {} });
    expect([stack.watches.Secret?.('pw', given), stack.watches.Secret?.('other', given), stack.watches.Certificate?.('pw', given)]).toEqual([['todo'], [], []]);
  });

  test('what is opened besides is not said to have changed', () => {
    const secrets = [{ secret: 'pw', name: 'PW', type: 'env' as const }];
    expect(lines(settle(world().secret('pw', 1).stack('todo', { web: {} })).stack('todo', { web: { secrets } }))[0]).toBe('+ Service todo/web@4 current x1 (declared anew: replaces revision 2)');
  });

  test('its services, its rollout, and instances that are gone concern a stack', () => {
    const certificates = [{ subject: 'example.com', name: 'CERT', type: 'env' as const }];
    const { watches } = stack;
    const given = web({ certificates }).instance('todo/web.1@9', 'n1');
    expect([watches.Service?.('todo/web@1', given), watches.Rollout?.('todo', given), watches.Certificate?.('example.com', given)]).toEqual([['todo'], ['todo'], ['todo']]);
    expect([watches.Instance?.('todo/web.1@9', given), watches.Instance?.('todo/web.2@9', given)]).toEqual([[], ['todo']]);
  });

  test('a version that the declaration names is not believed', () => {
    const forged = { secret: 'pw', name: 'PW', type: 'env' as const, version: 9 };
    expect(settle(world().stack('todo', { web: { secrets: [forged] } })).get('Service', 'todo/web@1')?.body.spec.secrets).toEqual([{ secret: 'pw', name: 'PW', type: 'env' }]);
  });

  test('the older revision is kept while a rollout or an instance refers to it', () => {
    const rolling = web().rollout('todo/web', 1).stack('todo', { web: { image: 'web:2' } });
    expect(lines(rolling)).toEqual([
      '+ Service todo/web@4 current x1 (declared anew: replaces revision 1)',
      '+ Service todo/web@1 old x1 (no longer declared in this form)',
    ]);
    const begun = settle(rolling).rollout('todo/web', 4, { 1: 1 });
    expect(lines(begun)).toEqual([]);
    const running = begun.rollout('todo/web', 4).instance('todo/web.1@9', 'n1', { revision: 1 });
    expect(lines(running)).toEqual([]);
    expect(lines(running.without('Instance', 'todo/web.1@9'))).toEqual(['- Service todo/web@1 (nothing refers to it any more)']);
  });

  test('what is no part of a revision changes in every record that is kept', () => {
    const rolling = settle(web().rollout('todo/web', 1).stack('todo', { web: { image: 'web:2', instances: 4, deploy: { minHealth: 0.5 } } })).rollout('todo/web', 4, { 1: 1 });
    expect(rolling.get('Service', 'todo/web@1')!.body.spec).toMatchObject({ image: 'web:1', instances: 4, deploy: { minHealth: 0.5 } });
    expect(lines(rolling.stack('todo', { web: { image: 'web:2', instances: 6, deploy: { minHealth: 0.5 } } }))).toEqual([
      '+ Service todo/web@4 current x6 (scaled from 4 to 6)',
      '+ Service todo/web@1 old x6 (scaled from 4 to 6)',
    ]);
  });

  test('an older revision is served as the newest says, but where it listens itself', () => {
    const served = (port: number, balance: string): SpecOver => ({ image: `web:${String(port)}`, route: { ...DEFAULT_ROUTE, port, balance } });
    const rolling = settle(web(served(80, 'roundrobin')).rollout('todo/web', 1).stack('todo', { web: served(8080, 'leastconn') })).rollout('todo/web', 4, { 1: 1 });
    expect(['todo/web@1', 'todo/web@4'].map((name) => rolling.get('Service', name)?.body.spec.route)).toEqual([served(80, 'leastconn').route, served(8080, 'leastconn').route]);
    expect(lines(rolling)).toEqual([]);
  });

  test('a new version of what balancers open because of it replaces no container', () => {
    const certificates = [{ kind: 'Certificate' as const, name: 'example.com' }];
    const users = { kind: 'Secret' as const, name: 'users', version: 9 };
    const given = settle(world().secret('users', 1).certificate('example.com', 1).stack('todo', { lb: { balancer: { ...DEFAULT_BALANCER, certificates } }, web: { route: { ...DEFAULT_ROUTE, basicAuth: users } } }));
    expect([stack.watches.Secret?.('users', given), stack.watches.Certificate?.('example.com', given)]).toEqual([['todo'], ['todo']]);
    const opened = (name: string): unknown => [given.get('Service', name)?.body.spec.balancer?.certificates, given.get('Service', name)?.body.spec.route?.basicAuth];
    expect([opened('todo/lb@3'), opened('todo/web@3')]).toEqual([[[{ kind: 'Certificate', name: 'example.com', version: 1 }], undefined], [undefined, { kind: 'Secret', name: 'users', version: 1 }]]);
    expect(lines(given.certificate('example.com', 2).secret('users', 2))).toEqual([
      '+ Service todo/lb@3 current x1 (what it is as a balancer changed)',
      '+ Service todo/web@3 current x1 (the way it is served changed)',
    ]);
  });

  const wentBack = (): World => settle(web().rollout('todo/web', 1).stack('todo', { web: { image: 'web:2' } }))
    .rollout('todo/web', 1, {}, { complete: { revision: 1, at: 0 as Instant }, reverted: { from: 4, retries: 0, instance: 'todo/web.1@5', reason: 'no' } });

  test('what a failed rollout may go back to is kept; and it is the same revision when it is declared', () => {
    expect(lines(web().rollout('todo/web', 1).stack('todo', { web: { image: 'web:2' } }).rollout('todo/web', 4, {}, { complete: { revision: 1, at: 0 as Instant } }))).toContain('+ Service todo/web@1 old x1 (no longer declared in this form)');
    expect(lines(wentBack())).toEqual([]);
    expect(lines(wentBack().stack('todo', { web: {} }))).toEqual(['+ Service todo/web@1 current x1 (declared again)', '- Service todo/web@4 (nothing refers to it any more)']);
  });

  test('what it went back to stays the same revision once declared, while instances of what failed are still leaving', () => {
    const declaredBack = settle(wentBack().instance('todo/web.1@5', 'n1', { revision: 4, wanted: 'stopped' }).stack('todo', { web: {} }));
    const leaving = declaredBack.rollout('todo/web', 1, {}, { complete: { revision: 1, at: 0 as Instant } });
    expect(lines(leaving)).toEqual([]);
    expect(lines(leaving.stack('todo', { web: { image: 'web:3' } }))[0]).toMatch(/^\+ Service todo\/web@\d+ current x1 \(declared anew: replaces revision 1\)$/);
  });

  test('what is applied again after it went back is a new attempt', () => {
    const given = wentBack();
    const { body } = given.stack('todo', { web: { image: 'web:2' } }).get('Stack', 'todo')!;
    expect(lines(given)).toEqual([]);
    given.with('Stack', 'todo', { ...body, retries: { web: 1 } });
    expect(lines(given)).toEqual(['+ Service todo/web@4 current x1 (applied again: a new attempt)']);
    expect(settle(given).get('Service', 'todo/web@4')!.body.retries).toBe(1);
    expect(lines(given)).toEqual([]);
  });

  test('a service taken out of the stack, and a stack taken away, leave nothing in the end', () => {
    const running = settle(world().stack('todo', { web: {}, db: {} })).rollout('todo/web', 1).instance('todo/web.1@9', 'n1', { revision: 1 });
    const without = running.stack('todo', { db: {} });
    expect(lines(without)).toEqual(['+ Service todo/web@1 old x1 (no longer declared in this form)']);
    const gone = settle(without).without('Stack', 'todo');
    expect(lines(gone)).toEqual(['- Service todo/db@1 (nothing refers to it any more)']);
    expect(lines(settle(gone).without('Rollout', 'todo'))).toEqual([]);
    expect(lines(settle(gone).without('Rollout', 'todo').without('Instance', 'todo/web.1@9'))).toEqual(['- Service todo/web@1 (nothing refers to it any more)']);
  });

  test('taken out and put back in the same form while it still runs: the same revision', () => {
    const back = settle(settle(web().rollout('todo/web', 1)).stack('todo', {})).stack('todo', { web: {} });
    expect(lines(back)).toEqual(['+ Service todo/web@1 current x1 (declared again)']);
  });
});
