import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { HookSpec } from '../../model/index.js';
import { Node, SERVICE } from '../../testing/agent-node.js';
import { minimalService } from '../../testing/runtime-contract.js';

let node: Node;
beforeEach(() => {
  node = new Node();
});
afterEach(() => {
  node.kill();
});

const A = 'todo/web.1@5';
const B = 'todo/web.2@5';

describe('hooks', () => {
  const hook = (command: string, instances: '*' | readonly number[] = '*'): HookSpec => ({ name: command, command, instances, oneshot: false });

  test('run before and after the start, and before the stop, where they are meant to', async () => {
    node.spec = minimalService('web:1', { hooks: { preStart: [hook('exit 0'), hook('exit 0', [2])], postStart: [hook('exit 0')], preStop: [hook('exit 0')] } });
    await node.start();
    await node.assign([A]);
    expect(node.done()).toEqual([`create ${A}`, `runOnce ${A}`, `start ${A}`, `exec ${A}`]);
    await node.assign([]);
    expect(node.done()).toEqual([`exec ${A}`, `stop ${A}`, `remove ${A}`]);
  });

  test('that fail before the start keep it from starting', async () => {
    node.spec = minimalService('web:1', { hooks: { preStart: [hook('echo no database; exit 1')], postStart: [], preStop: [] } });
    await node.start();
    await node.assign([A]);
    expect(node.running).toEqual([]);
    expect(node.report(A)?.report).toMatchObject({ phase: 'failed', reason: 'hook echo no database; exit 1 ended with exit code 1: no database', output: ['no database'] });
  });

  test('that fail after the start are told, and the instance runs', async () => {
    node.spec = minimalService('web:1', { hooks: { preStart: [], postStart: [hook('echo cold; exit 3'), hook('exit 0')], preStop: [] } });
    await node.start();
    await node.assign([A]);
    expect(node.report(A)?.report).toMatchObject({ phase: 'running', reason: 'hook echo cold; exit 3 ended with exit code 3: cold' });
    expect(node.done().filter((write) => write.startsWith('exec'))).toHaveLength(1);
    expect(node.logged.join()).toContain('a hook went wrong');
  });

  test('that are words are run as they are, by no other shell', async () => {
    node.spec = minimalService('web:1', { hooks: { preStart: [{ ...hook('words'), command: ['sh', '-c', 'echo no; exit 4'] }], postStart: [], preStop: [] } });
    await node.start();
    await node.assign([A]);
    expect(node.report(A)?.report).toMatchObject({ phase: 'failed', reason: 'hook words ended with exit code 4: no' });
  });

  test('that hang are killed in their time, and told with what they wrote', async () => {
    const hangs = (name: string): HookSpec => ({ ...hook(name), command: 'echo asking; busybox sleep 900; exit 0', timeoutSeconds: 30 });
    node.spec = minimalService('web:1', { hooks: { preStart: [hangs('migrate')], postStart: [], preStop: [] } });
    await node.start();
    await node.assign([A]);
    expect([node.running, node.report(A)?.report.phase]).toEqual([[], 'starting']);
    await node.pass(30_000);
    expect(node.report(A)?.report).toMatchObject({ phase: 'failed', reason: 'hook migrate did not end within 30 s: asking', output: ['asking'] });
    node.spec = minimalService('web:1', { hooks: { preStart: [], postStart: [hangs('warm')], preStop: [hangs('drain')] } });
    await node.assign([B]);
    await node.pass(30_000);
    expect(node.report(B)?.report).toMatchObject({ phase: 'running', reason: 'hook warm did not end within 30 s: asking', output: ['asking'] });
    await node.assign([]);
    await node.pass(31_000);
    expect([node.running, node.runtime.containers]).toEqual([[], []]);
  });

  test('may take ten minutes unless they say', async () => {
    node.spec = minimalService('web:1', { hooks: { preStart: [hook('busybox sleep 601; exit 0')], postStart: [], preStop: [] } });
    await node.start();
    await node.assign([A]);
    await node.pass(599_000);
    expect(node.report(A)?.report.phase).toBe('starting');
    await node.pass(1_000);
    expect(node.report(A)?.report.reason).toContain('did not end within 600 s');
  });

  test('do not run again when the agent does', async () => {
    node.spec = minimalService('web:1', { hooks: { preStart: [], postStart: [hook('exit 0')], preStop: [] } });
    await node.start();
    await node.assign([A]);
    node.kill();
    node.done();
    await node.start();
    expect(node.done()).toEqual([]);
  });
});

describe('a hook that runs once', () => {
  const once = (name: string, command = 'exit 0'): HookSpec => ({ name, command, instances: '*', oneshot: true });
  const always = { name: 'always', command: 'exit 0', instances: '*', oneshot: false } as const;
  const hooksRun = (): number => node.done().filter((write) => /^(runOnce|exec)/.test(write)).length;
  const migrating = { preStart: [once('migrate'), always], postStart: [], preStop: [] };
  const NEXT = 'todo/web.1@9';

  test('is not run again by the next start; those after it are', async () => {
    node.spec = minimalService('web:1', { hooks: migrating });
    await node.start();
    await node.assign([A]);
    expect(hooksRun()).toBe(2);
    expect(node.report(A)?.report.hooksDone).toEqual(['preStart migrate']);
    node.runtime.exit(A, 1);
    await node.pass(20_000);
    expect(node.running).toEqual([A]);
    expect(hooksRun()).toBe(1);
  });

  test('is remembered before the container starts, through the end of the agent', async () => {
    node.spec = minimalService('web:1', { hooks: migrating });
    node.runtime.faults = { takesMs: (call) => (call === 'start' ? 5_000 : 0) };
    await node.start();
    await node.assign([A]);
    expect(node.remembered?.containers.instances).toEqual([expect.objectContaining({ hooksDone: ['preStart migrate'] })]);
    node.kill();
    node.done();
    await node.start();
    await node.pass(10_000);
    expect(node.report(A)?.report).toMatchObject({ phase: 'running', hooksDone: ['preStart migrate'] });
    expect(hooksRun()).toBeLessThan(2);
  });

  test('is behind the next round of its slot too, whether the master has heard of it or not', async () => {
    node.spec = minimalService('web:1', { hooks: { preStart: [once('migrate')], postStart: [once('warm')], preStop: [once('drain')] } });
    await node.start();
    await node.assign([A, B]);
    expect(hooksRun()).toBe(4);
    await node.assign([NEXT, B]);
    expect(hooksRun()).toBe(1);
    expect(node.report(NEXT)?.report.hooksDone).toEqual(['preStart migrate', 'postStart warm', 'preStop drain']);
    await node.assign([`-${NEXT}`, B]);
    expect(hooksRun()).toBe(0);
  });

  test('is behind its own slot alone', async () => {
    node.spec = minimalService('web:1', { hooks: { preStart: [once('migrate')], postStart: [], preStop: [] } });
    node.runtime.faults = { takesMs: (call, about) => (call === 'runOnce' && about === B ? 5_000 : 0) };
    await node.start();
    await node.assign([A, B]);
    const remembered = (): readonly unknown[] => node.remembered!.containers.instances.map(({ hooksDone }) => hooksDone);
    expect([node.running, remembered()]).toEqual([[A], [['preStart migrate'], undefined]]);
    await node.pass(5_000);
    expect([node.running, remembered()]).toEqual([[A, B], [['preStart migrate'], ['preStart migrate']]]);
    expect(hooksRun()).toBe(2);
  });

  test('is behind a slot that the master says it of', async () => {
    node.spec = minimalService('web:1', { hooks: { preStart: [once('migrate')], postStart: [], preStop: [] } });
    await node.start();
    await node.assign([A], { containers: { instances: [{ name: A, service: SERVICE, wanted: 'running', hooksDone: ['preStart migrate'] }] } });
    expect(node.running).toEqual([A]);
    expect(hooksRun()).toBe(0);
  });

  test('is tried until it ends well', async () => {
    node.spec = minimalService('web:1', { hooks: { preStart: [once('migrate', 'exit 1')], postStart: [], preStop: [] } });
    await node.start();
    await node.assign([A]);
    await node.pass(10_000);
    expect(hooksRun()).toBeGreaterThan(1);
    expect(node.report(A)?.report).not.toHaveProperty('hooksDone');
  });

  test('is forgotten with its slot: a service made anew has its hooks before it', async () => {
    node.spec = minimalService('web:1', { hooks: { preStart: [once('migrate')], postStart: [], preStop: [] } });
    await node.start();
    await node.assign([A]);
    await node.assign([]);
    hooksRun();
    await node.assign([NEXT]);
    expect(hooksRun()).toBe(1);
  });
});
