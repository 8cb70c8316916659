import { afterEach, expect, test } from '@jest/globals';
import type { GridEvent } from '../model/index.js';
import type { Control } from '../ports/index.js';
import { collect, type OpenedApi, openApi } from '../testing/opened-api.js';

const event = (type: string, name: string, grid = 'default'): GridEvent => ({ number: 1, at: '2026-01-01T00:00:00.000Z', grid, type, name, by: 'ada', why: 'so' });

const HAPPENED = [
  event('stack.declared', 'todo'), event('service.revised', 'todo/web'), event('instance.failed', 'todo/web.1@9'), event('instance.failed', 'todo/web2.1@9'),
  event('stack.declared', 'todo2'), event('node.online', 'n1'), event('credential.declared', 'bob'), event('stack.declared', 'todo', 'prod'),
];

let api: OpenedApi | undefined;
afterEach(() => api?.close());

const named = async (control: Control, of?: { readonly kind: string; readonly name: string }): Promise<readonly string[]> =>
  (await collect(control.events.read('default', { follow: false, ...(of === undefined ? {} : { of }) }, new AbortController().signal))).map(({ name }) => name);

test('of one grid, of a thing, and of what belongs to it', async () => {
  api = await openApi(undefined, {}, HAPPENED);
  expect(await named(api.control)).toEqual(['todo', 'todo/web', 'todo/web.1@9', 'todo/web2.1@9', 'todo2', 'n1', 'bob']);
  expect(await named(api.control, { kind: 'stack', name: 'todo' })).toEqual(['todo', 'todo/web', 'todo/web.1@9', 'todo/web2.1@9']);
  expect(await named(api.control, { kind: 'service', name: 'todo/web' })).toEqual(['todo/web', 'todo/web.1@9']);
  expect(await named(api.control, { kind: 'node', name: 'n1' })).toEqual(['n1']);
  await expect(collect(api.control.events.read('nowhere', { follow: false }, new AbortController().signal))).rejects.toMatchObject({ code: 'KON_NOT_FOUND' });
});

test('one is told of what one may watch', async () => {
  api = await openApi(undefined, {}, HAPPENED);
  await api.control.credentials.create({ name: 'vera', lifetimeSeconds: 3600, role: 'viewer', grid: 'default' });
  expect(await named(api.as({ name: 'vera', keyFingerprint: 'a key' }))).toEqual(['todo', 'todo/web', 'todo/web.1@9', 'todo/web2.1@9', 'todo2', 'n1']);
});
