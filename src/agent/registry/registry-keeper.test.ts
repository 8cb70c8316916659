import { beforeEach, expect, test } from '@jest/globals';
import { type Endpoint, KontenaError, type NetworkProblem } from '../../model/index.js';
import { FakeClock, settled } from '../../testing/fake-clock.js';
import { FakeEngineRegistry } from '../../testing/fake-engine-registry.js';
import { FakeRandom } from '../../testing/fake-random.js';
import { RegistryKeeper } from './index.js';

const HOST = 'registry.g.kontena.local';
const endpoint = (instance: string, address: string, over: Partial<Endpoint> = {}): Endpoint => ({ instance, address, node: 'n1', isExposed: true, serves: true, ...over });

let clock: FakeClock;
let registry: FakeEngineRegistry;
let problems: (NetworkProblem | undefined)[];
let keeper: RegistryKeeper;
beforeEach(() => {
  clock = new FakeClock(1_000_000);
  registry = new FakeEngineRegistry();
  problems = [];
  keeper = new RegistryKeeper({ registry, clock, random: new FakeRandom(1), log: { info: () => undefined, warn: () => undefined, error: () => undefined }, onProblem: (problem) => problems.push(problem) });
});
const known = async (): Promise<readonly [string, readonly string[]][]> => {
  for (let turns = 0; turns < 5; turns += 1) await settled();
  return [...registry.known];
};

test('the engine knows the instances that serve, and follows them; of other stacks it hears nothing', async () => {
  keeper.obey({ host: HOST });
  keeper.endpoints.whole([endpoint('registry/api.2@7', '10.81.2.4'), endpoint('registry/api.1@7', '10.81.1.9'), endpoint('registry/web.1@7', '10.81.1.3', { isExposed: false }), endpoint('todo/api.1@7', '10.81.1.2')]);
  expect(await known()).toEqual([[HOST, ['10.81.1.9', '10.81.2.4']]]);
  keeper.endpoints.changed([endpoint('registry/api.1@7', '10.81.1.9', { serves: false })], ['registry/api.2@7'], 0);
  expect(await known()).toEqual([]);
  keeper.endpoints.changed([endpoint('registry/api.1@8', '10.81.1.10')], [], 0);
  expect(await known()).toEqual([[HOST, ['10.81.1.10']]]);
  registry.known.clear(); // somebody took it away
  clock.advance(30_000);
  expect(await known()).toEqual([[HOST, ['10.81.1.10']]]);
});

test('nothing is touched before both are known: who there is, and where', async () => {
  registry.known.set(HOST, ['10.81.1.9']);
  keeper.obey({ host: HOST });
  expect(await known()).toEqual([[HOST, ['10.81.1.9']]]);
  keeper.endpoints.whole([]);
  expect(await known()).toEqual([]);
});

test('a grid without a registry leaves nothing behind', async () => {
  registry.known.set(HOST, ['10.81.1.9']);
  keeper.endpoints.whole([endpoint('registry/api.1@7', '10.81.1.9')]);
  keeper.obey({});
  expect(await known()).toEqual([]);
});

test('what cannot be written is a problem with its remedy, until it can', async () => {
  registry.failure = new KontenaError('KON_ENGINE_FILES', 'read-only');
  keeper.obey({ host: HOST });
  keeper.endpoints.whole([endpoint('registry/api.1@7', '10.81.1.9')]);
  await known();
  expect(problems).toEqual([{ what: 'registry', reason: 'read-only', remedy: expect.stringContaining('--hosts-file') }]);
  registry.failure = undefined;
  clock.advance(60_000);
  expect(await known()).toEqual([[HOST, ['10.81.1.9']]]);
  expect(problems.at(-1)).toBeUndefined();
});
