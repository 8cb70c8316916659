import { describe, expect, test } from '@jest/globals';
import { world, type World } from '../testing/world.js';
import { awaitedOf, servicesToldOf } from './index.js';

const WEB = 'todo/web.1@5';
const served = (): World => world().node('n2').balancer('todo/web').at(1_000).service('todo/web@1', { links: [{ service: 'infra/lb', alias: 'lb' }] }).instance(WEB, 'n2');
const awaited = (given: World): ReturnType<typeof awaitedOf> => awaitedOf(given, given.get('Instance', WEB)!);

describe('an instance is waited for', () => {
  test.each<readonly [string, World, string, boolean]>([
    ['by a balancer that says nothing', served(), `infra/lb.1@1 does not know ${WEB} yet`, false],
    ['by one that speaks of others alone', served().balances('todo/web', { 'todo/web.2@6': true }), `infra/lb.1@1 does not know ${WEB} yet`, false],
    ['by one that finds it down', served().balances('todo/web', { [WEB]: 'Connection refused' }), `infra/lb.1@1 does not send to ${WEB}: Connection refused`, true],
    ['by one whose node is not heard, whatever it said of what is down', served().balances('todo/web', { [WEB]: 'Connection refused' }).pulse('n1', 'silent'), `infra/lb.1@1 does not say that it knows ${WEB}: node n1 is not heard`, false],
    ['by the one of two that finds it down', served().instance('infra/lb.2@2', 'n1').balances('todo/web', { [WEB]: 'refused' }), `infra/lb.1@1 does not send to ${WEB}: refused`, true],
  ])('%s', (_title, given, why, isDown) => expect(awaited(given)).toEqual({ why, isDown, until: 16_000 }));

  test.each<readonly [string, World]>([
    ['by nobody who knows it', served().balances('todo/web', { [WEB]: true })],
    ['nor once it was known, where the node is not heard any more', served().balances('todo/web', { [WEB]: true }).pulse('n1', 'silent')],
    ['nor while it does not run itself', served().report(WEB, 'starting')],
    ['nor where it links to none', served().service('todo/web@1')],
    ['nor where another has what it claims', served().balancer('todo/web', { isServed: false })],
    ['nor where HAProxy refused it', served().balances('todo/web', {}, { refused: 'unknown keyword' })],
    ['nor by a balancer that does not run', served().report('infra/lb.1@1', 'failed')],
    ['nor by one that is to stop', served().instance('infra/lb.1@1', 'n1', { wanted: 'stopped' })],
    ['nor by one on a node that is lost', served().with('Health', 'n1', { phase: 'offline', since: served().now, wasLost: false })],
  ])('%s', (_title, given) => expect(awaited(given)).toBeUndefined());
});

test('a balancer speaks of the services that it serves', () => {
  expect(servicesToldOf(served().balances('todo/web', {}).balances('shop/web', {}), 'infra/lb.1@1')).toEqual(['todo/web', 'shop/web']);
});
