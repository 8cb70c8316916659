import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { type Instant, later, type ServiceSpec } from '../../model/index.js';
import type { Container } from '../../ports/index.js';
import { minimalService } from '../../testing/runtime-contract.js';
import { freshChecks } from './checks.js';
import { type Next, plan, type Situation } from './plan.js';
import { afterEnd, afterFailure, afterHook, afterStart, NOTHING_REMEMBERED } from './remembered.js';

const NOW = 1_000_000 as Instant;
const INSTANCE = 'todo/web.1@5';
const SERVICE = 'todo/web@4';
const spec = minimalService('web:1');
const wanted = { service: SERVICE, spec };

const container = (state: Container['state'], over: Partial<Container> = {}): Container => ({
  instance: INSTANCE, service: SERVICE, id: 'c1', state, exitCode: 0, wasOutOfMemory: false, error: '',
  startedAtMs: NOW - 60_000, finishedAtMs: undefined, address: '172.17.0.2', ...over,
});

const situation = (over: Partial<Situation>): Situation => ({
  instance: INSTANCE, wanted: undefined, container: undefined, address: undefined, madeFrom: undefined, hasImage: true, holdUp: undefined, lacks: undefined, hooksDone: [], drainsUntil: undefined, remembered: NOTHING_REMEMBERED, now: NOW, ...over,
});

/** `start: starting`, `- running until 5 s`. */
function line({ step, phase, reason, wakeAt }: Next): string {
  const words = [step === undefined ? '-' : step.do, phase, ...(reason === undefined ? [] : [`(${reason})`]), ...(wakeAt === undefined ? [] : [`until ${String((wakeAt - NOW) / 1000)} s`])];
  return words.join(' ');
}

const failing = afterFailure(NOTHING_REMEMBERED, 'port 80 is taken', NOW);
const ended = afterEnd(afterEnd(NOTHING_REMEMBERED, container('exited', { exitCode: 3 }), [], NOW), container('exited', { exitCode: 3, startedAtMs: NOW, finishedAtMs: NOW }), [], NOW);
const made = { ...NOTHING_REMEMBERED, isMadeHere: true };
const mishap = afterHook(NOTHING_REMEMBERED, { moment: 'postStart', position: 0, hook: { name: 'warm', command: 'false', instances: '*', oneshot: false } }, 'hook warm ended with exit code 3');
const checked = { ...NOTHING_REMEMBERED, checks: freshChecks(container('running'), later(NOW, -60_000)) };
const slow: ServiceSpec = { ...spec, deploy: { ...spec.deploy, waitForPort: 80 } };
const unanswered = { ...checked, checks: { ...checked.checks, reason: 'nothing listens' } };
const ill = { ...checked, checks: { ...checked.checks, health: 'unhealthy' as const, reason: 'answered 500' } };
const engineHealth = { state: 'unhealthy', answers: [] } as const;
const sickCheck = { protocol: 'tcp', port: 80, timeoutSeconds: 1, intervalSeconds: 10, initialDelaySeconds: 0, retries: 3 } as const;
const sick: ServiceSpec = { ...spec, healthCheck: sickCheck };
const lateCheck: ServiceSpec = { ...spec, healthCheck: { protocol: 'tcp', port: 80, timeoutSeconds: 1, intervalSeconds: 10, initialDelaySeconds: 65, retries: 1 } };

describe('the next step of an instance', () => {
  const cases: readonly (readonly [string, Partial<Situation>, string])[] = [
    ['wanted, nobody knows about the image', { wanted, hasImage: undefined }, 'look-for-image pending'],
    ['wanted, no image', { wanted, hasImage: false }, 'pull pulling'],
    ['wanted, image there', { wanted }, 'create creating'],
    ['wanted, created', { wanted, container: container('created'), remembered: made }, 'start starting'],
    ['wanted, created by an earlier life that may not have come to its end', { wanted, container: container('created') }, 'create creating'],
    ['wanted, the vault withholds what it opens', { wanted, lacks: 'the vault does not give secret db' }, '- pending (the vault does not give secret db)'],
    ['wanted, running in spite of what the vault withholds', { wanted, container: container('running'), lacks: 'x' }, '- running'],
    ['wanted, ended, and needs the vault no more', { wanted, container: container('exited'), lacks: 'x' }, 'start starting'],
    ['wanted, ended', { wanted, container: container('exited') }, 'start starting'],
    ['wanted, running', { wanted, container: container('running') }, '- running'],
    ['wanted, another round must go first', { wanted, container: container('created'), holdUp: 'todo/web.1@3 is removed first' }, '- pending (todo/web.1@3 is removed first)'],
    ['wanted, another round must go first: created meanwhile', { wanted, holdUp: 'todo/web.1@3 is removed first' }, 'create creating'],
    ['wanted, running in spite of a hold-up', { wanted, container: container('running'), holdUp: 'x' }, '- running'],
    ['wanted, failed just now', { wanted, container: container('created'), remembered: failing }, '- failed (port 80 is taken) until 1 s'],
    ['wanted, failed a while ago', { wanted, container: container('created'), remembered: { ...failing, isMadeHere: true }, now: later(NOW, 1_000) }, 'start failed (port 80 is taken)'],
    ['wanted, ended twice in a row', { wanted, container: container('exited'), remembered: ended }, '- failed (ended with exit code 3) until 1 s'],
    ['wanted, on its way out', { wanted, container: container('removing') }, '- stopping'],
    ['wanted, half removed', { wanted, container: container('dead') }, 'remove stopping'],
    ['wanted, made from another revision', { wanted, container: container('running', { service: 'todo/web@3' }) }, 'stop stopping'],
    ['wanted, its port not asked yet', { wanted: { service: SERVICE, spec: slow }, container: container('running'), remembered: checked }, 'check starting'],
    ['wanted, its port asked in vain', { wanted: { service: SERVICE, spec: slow }, container: container('running'), remembered: unanswered, now: later(NOW, -1) }, 'check starting (nothing listens)'],
    ['wanted, its port asked in vain for too long', { wanted: { service: SERVICE, spec: slow }, container: container('running'), remembered: unanswered }, 'check failed (nothing listens (waited 60 s for it))'],
    ['wanted, its port asked in vain for longer than its service says', { wanted: { service: SERVICE, spec: { ...slow, deploy: { ...slow.deploy, waitForPortSeconds: 5 } } }, container: container('running'), remembered: unanswered, now: later(NOW, -55_000) }, 'check failed (nothing listens (waited 5 s for it))'],
    ['wanted, unhealthy', { wanted: { service: SERVICE, spec: sick }, container: container('running'), remembered: ill }, 'stop failed (unhealthy: answered 500)'],
    ['wanted, unhealthy, and would not be stopped just now', { wanted: { service: SERVICE, spec: sick }, container: container('running'), remembered: { ...ill, notBefore: later(NOW, 1_000) } }, '- failed (unhealthy: answered 500) until 1 s'],
    ['wanted, unhealthy, and not to be started again for that', { wanted: { service: SERVICE, spec: { ...sick, healthCheck: { ...sickCheck, restart: false } } }, container: container('running'), remembered: ill }, 'check running (unhealthy: answered 500)'],
    ['wanted, unhealthy as its image says', { wanted, container: container('running', { health: engineHealth }), remembered: ill }, 'stop failed (unhealthy: answered 500)'],
    ['wanted, unhealthy as its image says, which is not to count', { wanted: { service: SERVICE, spec: { ...spec, healthCheck: { protocol: 'none' } } }, container: container('running', { health: engineHealth }), remembered: ill }, '- running'],
    ['wanted, unhealthy as its image says, and not to be started again for that', { wanted: { service: SERVICE, spec: { ...spec, healthCheck: { protocol: 'engine', restart: false } } }, container: container('running', { health: engineHealth }), remembered: ill }, '- running (unhealthy: answered 500)'],
    ['wanted, its health to be asked later', { wanted: { service: SERVICE, spec: lateCheck }, container: container('running'), remembered: checked }, '- running until 5 s'],
    ['wanted, running, and a hook of its start went wrong', { wanted, container: container('running'), remembered: mishap }, '- running (hook warm ended with exit code 3)'],
    ['wanted, running, and a hook went wrong before it started anew', { wanted, container: container('running'), remembered: afterStart(mishap) }, '- running'],
    ['unwanted, running, and a hook of its stop went wrong', { container: container('running'), remembered: mishap }, 'stop stopping (hook warm ended with exit code 3)'],
    ['unwanted, ended, and a hook of its stop went wrong', { container: container('exited'), remembered: mishap }, 'remove stopping (hook warm ended with exit code 3)'],
    ['unwanted, nothing there', {}, '- stopped'],
    ['unwanted, running, and something is open with it', { container: container('running'), drainsUntil: later(NOW, 7_000) }, '- stopping (balancers send nothing more to it, and what is open ends) until 7 s'],
    ['unwanted, running, and what was open had its time', { container: container('running'), drainsUntil: NOW }, 'stop stopping'],
    ['unwanted, running', { container: container('running') }, 'stop stopping'],
    ['unwanted, ended', { container: container('exited') }, 'remove stopping'],
    ['unwanted, created', { container: container('created') }, 'remove stopping'],
    ['unwanted, could not be stopped', { container: container('running'), remembered: failing }, '- stopping (port 80 is taken) until 1 s'],
    ['unwanted, ended and waiting to start again', { container: container('exited'), remembered: ended }, 'remove stopping'],
  ];
  test.each(cases)('%s', (_title, over, expected) => {
    expect(line(plan(situation(over)))).toBe(expected);
  });
});

test('whatever the situation, nothing starts that is not wanted, and nothing stops that is well and wanted', () => {
  const any = fc.record({
    state: fc.constantFrom(undefined, 'created' as const, 'running' as const, 'exited' as const, 'removing' as const, 'dead' as const),
    remembered: fc.constantFrom(NOTHING_REMEMBERED, failing, ended, checked),
    isWanted: fc.boolean(),
    isOther: fc.boolean(),
    isHeld: fc.boolean(),
    hasImage: fc.option(fc.boolean(), { nil: undefined }),
    passedMs: fc.integer({ min: 0, max: 100_000 }),
  });
  fc.assert(
    fc.property(any, ({ state, remembered, isWanted, isOther, isHeld, hasImage, passedMs }) => {
      const { step } = plan(situation({
        wanted: isWanted ? wanted : undefined,
        container: state === undefined ? undefined : container(state, isOther ? { service: 'todo/web@3' } : {}),
        remembered, hasImage, holdUp: isHeld ? 'x' : undefined, now: later(NOW, passedMs),
      }));
      if (!isWanted) expect(['stop', 'remove', undefined]).toContain(step?.do);
      if (isWanted && !isOther && state === 'running') expect(step).toBeUndefined();
      if (isHeld) expect(step?.do).not.toBe('start');
    }),
  );
});
