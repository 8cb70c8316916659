import { describe, expect, test } from '@jest/globals';
import { type AskedHealthCheck, type Instant, later } from '../../model/index.js';
import { minimalService } from '../../testing/runtime-contract.js';
import { afterCheck, type Answered, type Checks, nextCheck, withAnswer, withEngineHealth } from './checks.js';

const NOW = 1_000_000 as Instant;
const asked: AskedHealthCheck = { protocol: 'tcp', port: 80, timeoutSeconds: 1, intervalSeconds: 10, initialDelaySeconds: 5, retries: 3 };
const fresh: Checks = { startedAtMs: NOW, since: NOW, isReady: false, health: 'starting', hasBeenHealthy: false, good: 0, bad: 0, nextAt: NOW };

/** The states that a row of answers leads to: `+` is good, `-` is bad. */
const statesOf = (answers: readonly string[], spec: AskedHealthCheck): string => {
  let checks = fresh;
  return answers.map((answer) => {
    checks = afterCheck(checks, { of: 'health', spec, timeoutMs: 1_000 }, { isGood: answer === '+', said: answer }, NOW);
    return { starting: 's', healthy: 'h', unhealthy: 'u' }[checks.health];
  }).join('');
};

describe('health after a row of answers', () => {
  test.each([
    ['the first good answer will do', {}, '+', 'h'],
    ['three bad ones in a row make it unhealthy', {}, '---', 'ssu'],
    ['a good one between begins the row anew', {}, '--+--+---', 'sshhhhhhu'],
    ['what is unhealthy is healthy with the next good answer', {}, '---+', 'ssuh'],
    ['as many as the service says', { retries: 1, successes: 2 }, '+++-++-+-', 'shhuuhuuu'],
    ['too few good ones leave it as it was', { successes: 3 }, '++-++---', 'sssssssu'],
  ])('%s', (_title, over, answers, expected) => {
    expect(statesOf(Array.from(answers), { ...asked, ...over })).toBe(expected);
  });
});

describe('what is asked next', () => {
  const spec = minimalService('web:1', { healthCheck: asked });
  const both = { ...spec, deploy: { ...spec.deploy, waitForPort: 8080 } };

  test('the health, after its delay and then at its interval', () => {
    expect(nextCheck(spec, fresh)).toMatchObject({ check: { of: 'health', timeoutMs: 1_000 }, at: later(NOW, 5_000) });
    const check = { of: 'health', spec: asked, timeoutMs: 1_000 } as const;
    expect(nextCheck(spec, afterCheck(fresh, check, { isGood: true, said: '' }, later(NOW, 5_000)))).toMatchObject({ at: later(NOW, 15_000) });
  });

  test('the port before it, each second until it answers', () => {
    expect(nextCheck(both, fresh)).toMatchObject({ check: { of: 'port', port: 8080 }, at: NOW });
    const check = { of: 'port', port: 8080, timeoutMs: 1_000 } as const;
    const silent = afterCheck(fresh, check, { isGood: false, said: 'nothing listens' }, NOW);
    expect([silent.reason, nextCheck(both, silent)?.at]).toEqual(['nothing listens', later(NOW, 1_000)]);
    expect(nextCheck(both, afterCheck(silent, check, { isGood: true, said: '' }, NOW))).toMatchObject({ check: { of: 'health' } });
  });

  test.each([[undefined], [{ protocol: 'engine' }], [{ protocol: 'none' }]] as const)('nothing where the check is %j', (healthCheck) => {
    expect(nextCheck(minimalService('web:1', healthCheck === undefined ? {} : { healthCheck }), fresh)).toBeUndefined();
  });
});

test('the last five answers are kept', () => {
  const answers = ['1', '2', '3', '4', '5', '6'].map((said): Answered => ({ of: 'health', isGood: true, said, at: NOW, tookMs: 1 }));
  expect(answers.reduce<readonly Answered[]>(withAnswer, [])).toEqual(answers.slice(1));
});

test('the engine says how the check of the image went', () => {
  const ill = withEngineHealth(fresh, { state: 'unhealthy', answers: [{ isGood: true, said: 'well', atMs: 1, tookMs: 1 }, { isGood: false, said: 'ill', atMs: 2, tookMs: 1 }] });
  expect(ill).toMatchObject({ health: 'unhealthy', hasBeenHealthy: false, reason: 'ill' });
  expect(withEngineHealth(ill, { state: 'healthy', answers: [{ isGood: true, said: 'well', atMs: 3, tookMs: 1 }] })).toMatchObject({ health: 'healthy', hasBeenHealthy: true, reason: undefined });
});
