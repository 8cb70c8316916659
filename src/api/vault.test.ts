import { afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { DEFAULT_BALANCER, DEFAULT_ROUTE, type ServiceSpec } from '../model/index.js';
import { issueCertificate, type Issued } from '../testing/issue-certificate.js';
import { collect, openApi, type OpenedApi, stackSpec } from '../testing/opened-api.js';
import { serviceSpec } from '../testing/world.js';
import { testVault } from '../testing/test-vault.js';
import { sweepVault } from './vault.js';

let api: OpenedApi;
beforeEach(async () => {
  api = await openApi();
});
afterEach(() => api.close());

const GRID = 'default';
const write = (name: string, value: string, only?: 'new' | 'known') => api.control.vault.writeSecret(GRID, { name, value, ...(only === undefined ? {} : { only }) });
const opens = (secret: string): { readonly secrets: ServiceSpec['secrets'] } => ({ secrets: [{ secret, name: 'PW', type: 'env' }] });
const apply = (secrets: Readonly<Record<string, string>>, over: Partial<ServiceSpec> = {}, dryRun = false) =>
  api.control.stacks.apply({ grid: GRID, stack: stackSpec('todo', { web: over }), dryRun, secrets });
/** As the stack controller would. */
const pin = (revision: number, version: number) =>
  api.write('Service', `todo/web@${String(revision)}`, { isCurrent: true, spec: serviceSpec({ secrets: [{ secret: 'pw', name: 'PW', type: 'env', version }] }) });

describe('secrets', () => {
  test('are written, read, and written anew; the same value changes nothing', async () => {
    expect(await write('pw', 'one')).toMatchObject({ name: 'pw', version: 1, isChanged: true, usedBy: [] });
    const before = api.store.revision;
    expect(await write('pw', 'one')).toMatchObject({ version: 1, isChanged: false, revision: before });
    expect(api.store.revision).toBe(before);
    await write('other', 'x');
    expect(await write('pw', 'one')).toMatchObject({ isChanged: false, revision: before });
    expect(await write('pw', 'two')).toMatchObject({ version: 2, isChanged: true });
    expect(await api.control.vault.readSecret(GRID, 'secret/pw')).toBe('two');
  });

  test('that must be new, or known, are refused otherwise', async () => {
    await expect(write('pw', 'x', 'known')).rejects.toMatchObject({ code: 'KON_NOT_FOUND' });
    await write('pw', 'x', 'new');
    await expect(write('pww', 'x', 'known')).rejects.toMatchObject({ code: 'KON_NOT_FOUND', message: 'there is no secret pww in grid default; did you mean pw?' });
    await expect(write('pw', 'y', 'new')).rejects.toMatchObject({ code: 'KON_CONFLICT' });
    expect(await api.control.vault.readSecret(GRID, 'pw')).toBe('x');
  });

  test.each([['a b', 'x'], ['-a', 'x'], ['', 'x'], ['a/b', 'x'], ['a', ''], ['a', 'x'.repeat(200_000)], ['a', 'nul\0']])('are refused as %j with %j', async (name, value) => {
    await expect(write(name, value)).rejects.toMatchObject({ code: 'KON_INVALID' });
    expect(api.store.sealedNames(GRID)).toEqual([]);
  });

  test('are listed with their users, and neither the list nor the history tells a value or its digest', async () => {
    await write('pw', 'open sesame');
    await apply({}, opens('pw'));
    const [listed] = await collect(api.control.resources.list({ grid: GRID, kind: 'secret' }));
    expect(listed).toMatchObject({ kind: 'Secret', name: 'pw', spec: {}, status: { version: 1, usedBy: ['todo/web'] } });
    const history = await collect(api.control.resources.history(GRID, 'secret', 'pw'));
    expect(history.map(({ action, spec }) => [action, spec])).toEqual([['create', { version: 1 }]]);
    expect(JSON.stringify(api.store.history({}))).not.toContain('sesame');
  });

  test('are removed when nobody opens them, and not before', async () => {
    await write('pw', 'x');
    await apply({}, opens('pw'));
    await expect(api.control.resources.remove(GRID, 'secret', 'pw')).rejects.toMatchObject({ code: 'KON_CONFLICT', message: 'secret pw cannot be removed: todo/web opens it' });
    await apply({});
    await api.control.resources.remove(GRID, 'secret', 'pw');
    await expect(api.control.vault.readSecret(GRID, 'pw')).rejects.toMatchObject({ code: 'KON_NOT_FOUND' });
    await expect(api.control.resources.remove(GRID, 'secret', 'pw')).rejects.toMatchObject({ code: 'KON_NOT_FOUND' });
    expect(api.store.sealedNames(GRID)).toEqual([]);
  });

  test('belong to a grid that is there', async () => {
    const refused = { code: 'KON_NOT_FOUND', message: expect.stringContaining('there is no grid nowhere') };
    await expect(api.control.vault.writeSecret('nowhere', { name: 'pw', value: 'x' })).rejects.toMatchObject(refused);
    await expect(api.control.vault.readSecret('nowhere', 'pw')).rejects.toMatchObject(refused);
    await expect(api.control.resources.remove('nowhere', 'secret', 'pw')).rejects.toMatchObject(refused);
    expect(api.store.sealedNames('nowhere')).toEqual([]);
  });

  test('written by several at once are all versions of their own, and the last is kept', async () => {
    const kept = await Promise.all([write('pw', 'one'), write('pw', 'two'), write('pw', 'three')]);
    expect(kept.map(({ version }) => version)).toEqual([1, 2, 3]);
    expect(await api.control.vault.readSecret(GRID, 'pw')).toBe('three');
    await write('other', 'x');
    expect(api.store.sealedNames(GRID)).toEqual(['Secret/other@1', 'Secret/pw@3']);
  });

  test('removed and written again in one moment are there', async () => {
    await write('pw', 'one');
    await Promise.all([api.control.resources.remove(GRID, 'secret', 'pw'), write('pw', 'again')]);
    expect(await api.control.vault.readSecret(GRID, 'pw')).toBe('again');
  });

  test('keep the versions that services still open, and erase the others', async () => {
    await write('pw', 'one');
    await pin(5, 1);
    await write('pw', 'two');
    await write('pw', 'three');
    expect(api.store.sealedNames(GRID)).toEqual(['Secret/pw@1', 'Secret/pw@3']);
    await api.erase('Service', 'todo/web@5');
    await sweepVault({ store: api.store, vault: testVault(api.store) });
    expect(api.store.sealedNames(GRID)).toEqual(['Secret/pw@3']);
  });

  test('that come back after their removal do not meet a version that is still open', async () => {
    await write('pw', 'one');
    await pin(5, 1);
    await api.control.resources.remove(GRID, 'secret', 'pw');
    expect(api.store.sealedNames(GRID)).toEqual(['Secret/pw@1']);
    expect((await apply({ pw: 'dry' }, {}, true)).differences[0]).toMatchObject({ kind: 'Secret', action: 'create' });
    expect(await write('pw', 'another')).toMatchObject({ version: 2 });
  });
});

describe('secrets that come with a stack', () => {
  test('are written with it, told apart, and change nothing the second time', async () => {
    const applied = await apply({ pw: 'x' }, opens('pw'));
    expect(applied.differences.map(({ kind, name, action }) => `${action} ${kind} ${name}`)).toEqual(['create Secret pw', 'create Stack todo', 'create Service todo/web']);
    expect(await api.control.vault.readSecret(GRID, 'pw')).toBe('x');
    const before = api.store.revision;
    expect((await apply({ pw: 'x' }, opens('pw'))).differences).toEqual([]);
    expect(api.store.revision).toBe(before);
    expect((await apply({ pw: 'y' }, opens('pw'))).differences).toEqual([{ kind: 'Secret', name: 'pw', action: 'update', fields: [], replaces: false }]);
  });

  test('replace an older version, which is erased once no service opens it', async () => {
    await apply({ pw: 'x' }, opens('pw'));
    await pin(5, 1);
    await apply({ pw: 'y' }, opens('pw'));
    expect(api.store.sealedNames(GRID)).toEqual(['Secret/pw@1', 'Secret/pw@2']);
    await api.erase('Service', 'todo/web@5');
    await apply({ pw: 'z' }, opens('pw'));
    expect(api.store.sealedNames(GRID)).toEqual(['Secret/pw@3']);
  });

  test('are not written when the stack is refused, or dry', async () => {
    await expect(apply({ pw: 'x' }, opens('other'))).rejects.toMatchObject({ code: 'KON_STACK_INVALID' });
    await expect(apply({ 'no name': 'x' })).rejects.toMatchObject({ code: 'KON_INVALID' });
    expect((await apply({ pw: 'x' }, opens('pw'), true)).differences).toHaveLength(3);
    expect([api.store.sealedNames(GRID), api.store.view(GRID).list('Stack')]).toEqual([[], []]);
  });
});

describe('certificates', () => {
  let root: Issued;
  let middle: Issued;
  let leaf: Issued;
  let stranger: Issued;
  beforeAll(async () => {
    root = await issueCertificate(['Root']);
    middle = await issueCertificate(['Middle'], root);
    leaf = await issueCertificate(['example.com', 'www.example.com', '*.example.com'], middle);
    stranger = await issueCertificate(['stranger.example']);
  });
  const bundle = (over: Partial<Record<'certificate' | 'chain' | 'privateKey', string>> = {}) =>
    ({ certificate: leaf.certificate, chain: middle.certificate + root.certificate, privateKey: leaf.privateKey, ...over });

  test('are imported under their own name, listed without their key, and exported whole', async () => {
    expect(await api.control.vault.writeCertificate(GRID, bundle())).toMatchObject({ name: 'example.com', version: 1, isChanged: true });
    expect(await api.control.vault.readCertificate(GRID, 'example.com')).toEqual(bundle());
    const [listed] = await collect(api.control.resources.list({ grid: GRID, kind: 'certificate' }));
    expect(listed).toMatchObject({ name: 'example.com', spec: { names: ['example.com', 'www.example.com', '*.example.com'] }, status: { version: 1, usedBy: [] } });
    expect(JSON.stringify(api.store.history({}))).not.toContain('BEGIN');
  });

  test('may go by another of their names, and need no chain', async () => {
    expect(await api.control.vault.writeCertificate(GRID, bundle({ chain: '' }), '*.example.com')).toMatchObject({ name: '*.example.com' });
    expect(await api.control.vault.readCertificate(GRID, '*.example.com')).toEqual(bundle({ chain: '' }));
  });

  test.each<readonly [string, () => Parameters<typeof api.control.vault.writeCertificate>[1], string | undefined, RegExp]>([
    ['is no PEM', () => bundle({ certificate: 'x' }), undefined, /the certificate is not a PEM certificate/],
    ['is cut', () => bundle({ certificate: leaf.certificate.replace(/\n[^\n]+\n---/, '\n---') }), undefined, /the certificate cannot be read/],
    ['is two', () => bundle({ certificate: leaf.certificate + middle.certificate }), undefined, /holds 2 certificates: give the others as the chain/],
    ['is a key', () => bundle({ certificate: leaf.privateKey }), undefined, /holds a private key, where certificates are wanted/],
    ["has another's key", () => bundle({ privateKey: stranger.privateKey }), undefined, /the private key is not that of the certificate/],
    ['has no key', () => bundle({ privateKey: '' }), undefined, /the private key is not a PEM private key/],
    ["has another's chain", () => bundle({ chain: stranger.certificate }), undefined, /certificate 1 of the chain did not issue the one before it/],
    ['has its chain the wrong way round', () => bundle({ chain: root.certificate + middle.certificate }), undefined, /certificate 1 of the chain/],
    ['is of another name', () => bundle(), 'example.org', /is not made out to example.org, but to example.com, www.example.com/],
  ])('are refused when it %s', async (_title, make, subject, message) => {
    await expect(api.control.vault.writeCertificate(GRID, make(), subject)).rejects.toMatchObject({ code: 'KON_INVALID', message: expect.stringMatching(message) });
  });

  test('are made out to names of hosts alone', async () => {
    const other = await issueCertificate(['Acme Ltd', 'example.com'], undefined, ['192.0.2.1']);
    expect(await api.control.vault.writeCertificate(GRID, bundle({ ...other, chain: '' }))).toMatchObject({ name: 'example.com' });
    const [listed] = await collect(api.control.resources.list({ grid: GRID, kind: 'certificate' }));
    expect(listed?.spec).toMatchObject({ names: ['example.com'] });
    const nobody = await issueCertificate(['Acme Ltd']);
    await expect(api.control.vault.writeCertificate(GRID, bundle({ ...nobody, chain: '' }))).rejects.toMatchObject({ code: 'KON_INVALID', message: 'the certificate is not made out to any name of a host' });
  });

  test('must be there for a service that opens them', async () => {
    const stack = stackSpec('todo', { web: { certificates: [{ subject: 'example.com', name: 'CERT', type: 'env' }] } });
    await expect(api.control.stacks.apply({ grid: GRID, stack, dryRun: false })).rejects.toThrow(/there is no certificate of example.com/);
    await api.control.vault.writeCertificate(GRID, bundle());
    await api.control.stacks.apply({ grid: GRID, stack, dryRun: false });
    await expect(api.control.resources.remove(GRID, 'certificate', 'example.com')).rejects.toMatchObject({ code: 'KON_CONFLICT' });
  });

  test('must be there for a balancer, and what a route opens too', async () => {
    const stack = stackSpec('infra', {
      lb: { balancer: { ...DEFAULT_BALANCER, certificates: [{ kind: 'Certificate', name: 'example.com' }] } },
      web: { route: { ...DEFAULT_ROUTE, basicAuth: { kind: 'Secret', name: 'users' } } },
    });
    await expect(api.control.stacks.apply({ grid: GRID, stack, dryRun: false })).rejects.toThrow(/services\.lb\.balancer: there is no certificate of example\.com.*services\.web\.route: secret users does not exist/s);
    await api.control.vault.writeCertificate(GRID, bundle());
    await api.control.stacks.apply({ grid: GRID, stack, dryRun: false, secrets: { users: 'user ada' } });
    await expect(api.control.resources.remove(GRID, 'certificate', 'example.com')).rejects.toMatchObject({ code: 'KON_CONFLICT', message: expect.stringContaining('infra/lb') });
  });
});
