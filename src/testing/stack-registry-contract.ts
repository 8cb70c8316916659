import { expect, test } from '@jest/globals';
import { searchStacks, type StackRegistry } from '../stack-registry/index.js';

/** A registry in git that is reached over ssh takes a second for each question on a busy machine. */
const LIMIT_MS = 30_000;

const ACME_TODO = { user: 'acme', stack: 'todo' };

/** What every registry of stacks does. @param open the same registry each time, as another command opens it; empty at first. It describes a stack by the first line of `description` */
export function stackRegistryContract(open: () => StackRegistry): void {
  test('what was never pushed is not there', async () => {
    expect(await open().pull(ACME_TODO, undefined)).toBeUndefined();
    expect(await open().pull(ACME_TODO, '1.0.0')).toBeUndefined();
    expect([await open().versions(ACME_TODO), await open().names(), await open().summary(ACME_TODO)]).toEqual([[], [], undefined]);
  }, LIMIT_MS);

  test('keeps texts by name and version; the newest is no trial version', async () => {
    for (const version of ['1.9.0', '1.10.0', '2.0.0-rc.1']) await open().push({ name: ACME_TODO, version, text: `stack: acme/todo\nversion: ${version} # ü\n` });
    await open().push({ name: { user: 'other', stack: 'redis' }, version: '1.0.0', text: 'stack: other/redis\ndescription: A Cache\n' });
    expect(await open().versions(ACME_TODO)).toEqual(['2.0.0-rc.1', '1.10.0', '1.9.0']);
    expect(await open().pull(ACME_TODO, undefined)).toEqual({ name: ACME_TODO, version: '1.10.0', text: 'stack: acme/todo\nversion: 1.10.0 # ü\n' });
    expect((await open().pull(ACME_TODO, '2.0.0-rc.1'))?.text).toContain('2.0.0-rc.1');
    expect(await open().pull(ACME_TODO, '3.0.0')).toBeUndefined();
  }, LIMIT_MS);

  test('searches by a part of the name or of the description, each with its newest version', async () => {
    const [todo, redis] = [{ name: ACME_TODO, version: '1.10.0', description: '' }, { name: { user: 'other', stack: 'redis' }, version: '1.0.0', description: 'A Cache' }];
    expect(await open().names()).toEqual([todo.name, redis.name]);
    expect(await searchStacks(open(), '')).toEqual([todo, redis]);
    expect(await searchStacks(open(), 'redis')).toEqual([redis]);
    expect(await searchStacks(open(), 'cache')).toEqual([redis]);
    expect(await searchStacks(open(), 'nothing')).toEqual([]);
  }, LIMIT_MS);

  test('a version stays what it was', async () => {
    const text = 'stack: acme/todo\nversion: 1.9.0 # ü\n';
    await open().push({ name: ACME_TODO, version: '1.9.0', text });
    await expect(open().push({ name: ACME_TODO, version: '1.9.0', text: 'other' })).rejects.toMatchObject({ code: 'KON_CONFLICT' });
    expect((await open().pull(ACME_TODO, '1.9.0'))?.text).toBe(text);
  }, LIMIT_MS);
}
