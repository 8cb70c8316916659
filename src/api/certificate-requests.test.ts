import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { DEFAULT_BALANCER, DIRECTORIES, type Instant, type OrderBody } from '../model/index.js';
import type { CertificateRequest, Resource } from '../ports/index.js';
import { issueCertificate } from '../testing/issue-certificate.js';
import { collect, openApi, type OpenedApi, stackSpec } from '../testing/opened-api.js';

const GRID = 'default';
let api: OpenedApi;
beforeEach(async () => {
  api = await openApi();
  await api.write('Node', 'n1', { number: 1, labels: [], availability: 'active', keyFingerprint: '' });
});
afterEach(() => api.close());

const request = (over: Partial<CertificateRequest> = {}) => api.control.vault.requestCertificate(GRID, { names: ['example.com'], answerOn: ['n1'], ...over });
const shown = async (name = 'example.com'): Promise<Resource | undefined> => (await collect(api.control.resources.list({ grid: GRID, kind: 'certificate', name })))[0];
const recorded = (name = 'example.com') => api.store.view(GRID).get('CertificateRequest', name)?.body;

describe('a request', () => {
  test('is recorded with what goes without saying', async () => {
    expect(await request({ names: ['Example.com', 'www.example.com', 'example.com'] })).toMatchObject({ name: 'example.com', isChanged: true });
    expect(recorded()).toEqual({ names: ['example.com', 'www.example.com'], challenge: 'http-01', directory: DIRECTORIES.letsencrypt, answerOn: ['n1'], asked: 1, lot: expect.any(Number) });
    expect(await shown()).toMatchObject({ kind: 'Certificate', spec: { names: ['example.com', 'www.example.com'] }, status: { phase: 'ordering', usedBy: [] } });
  });

  test('said again changes nothing, unless it is another, or one failed, or a renewal is asked for', async () => {
    const { revision } = await request();
    expect(await request()).toEqual({ name: 'example.com', revision, isChanged: false });
    const { lot } = recorded()!;
    expect(await request({ isRenewal: true })).toMatchObject({ isChanged: true });
    expect(await request({ email: 'ada@example.com' })).toMatchObject({ isChanged: true });
    await api.write('Renewal', 'example.com', { failures: 1, endsSoon: false });
    expect(await request({ email: 'ada@example.com' })).toMatchObject({ isChanged: true });
    expect(recorded()).toMatchObject({ asked: 4, lot });
  });

  test('of names with a wildcard is proved by records', async () => {
    await request({ names: ['*.example.com'], answerOn: [], directory: 'letsencrypt-staging' });
    expect(recorded('*.example.com')).toMatchObject({ challenge: 'dns-01', directory: DIRECTORIES['letsencrypt-staging'] });
  });

  test('is answered by a balancer of the grid where it names no node', async () => {
    await api.write('Stack', 'infra', { spec: stackSpec('infra', { lb: { balancer: DEFAULT_BALANCER } }), scaled: {} });
    expect(await request({ answerOn: [] })).toMatchObject({ isChanged: true });
  });

  test('to the master\'s own authority needs nobody who answers', async () => {
    await request({ names: ['registry.default.kontena.local'], answerOn: [], directory: 'master' });
    expect(recorded('registry.default.kontena.local')).toMatchObject({ directory: DIRECTORIES['master'] });
  });

  const refused: readonly (readonly [Partial<CertificateRequest>, string, RegExp])[] = [
    [{ names: [] }, 'KON_INVALID', /1 to 100 names, not to 0/],
    [{ names: ['localhost'] }, 'KON_INVALID', /no authority can issue a certificate to "localhost"/],
    [{ names: ['a b.example'] }, 'KON_INVALID', /"a b\.example"/],
    [{ names: ['*.example.com'], challenge: 'http-01' }, 'KON_INVALID', /authorities take dns-01 alone for it, not http-01/],
    [{ challenge: 'tls-sni-01' }, 'KON_INVALID', /there is no challenge "tls-sni-01"/],
    [{ directory: 'http://ca.example/dir' }, 'KON_INVALID', /letsencrypt, letsencrypt-staging, zerossl, master are known/],
    [{ directory: 'master' }, 'KON_INVALID', /names that end in \.default\.kontena\.local alone, and "example\.com" does not/],
    [{ directory: 'master', names: ['web.default.kontena.local', 'xdefault.kontena.local'] }, 'KON_INVALID', /"xdefault\.kontena\.local" does not/],
    [{ directory: 'constructor' }, 'KON_INVALID', /"constructor" is no directory/],
    [{ email: 'nobody' }, 'KON_INVALID', /"nobody" is no address/],
    [{ answerOn: [] }, 'KON_INVALID', /nobody in grid default would answer the authority.*--answer-on/],
    [{ answerOn: ['n2'] }, 'KON_NOT_FOUND', /there is no node n2 in grid default; did you mean n1/],
    [{ directory: 'zerossl' }, 'KON_INVALID', /--key-id, --key-secret/],
    [{ binding: { keyId: 'k', secret: 'zero' } }, 'KON_NOT_FOUND', /there is no secret zero/],
    [{ binding: { keyId: '', secret: 'zero' } }, 'KON_INVALID', /an id and a secret/],
  ];
  test.each(refused)('with %j is refused: %s', async (over, code, message) => {
    await expect(request(over)).rejects.toMatchObject({ code, message: expect.stringMatching(message) });
    expect(api.store.view(GRID).list('CertificateRequest')).toEqual([]);
  });

  test('belongs to a grid that is there', async () => {
    await expect(api.control.vault.requestCertificate('nowhere', { names: ['example.com'] })).rejects.toMatchObject({ code: 'KON_NOT_FOUND' });
  });
});

describe('what is shown of an order', () => {
  const WANTED = { number: 2, asked: 1, names: ['example.com'], challenge: 'dns-01', directory: 'https://ca.example/dir', answerOn: [] } as const;
  const PROOF = { name: 'example.com', challenge: 'dns-01', token: 't', answer: 'value', url: 'u' } as const;
  const order = (over: Partial<OrderBody>): OrderBody => ({ number: 2, phase: 'proving', since: 0 as Instant, proofs: [PROOF], answerOn: [], isShown: false, ...over });
  const status = async () => (await shown())?.status;

  test('is what is waited for, what stands in the way, and when it goes on', async () => {
    await request({ challenge: 'dns-01' });
    await api.write('Renewal', 'example.com', { order: WANTED, failures: 0, endsSoon: false });
    await api.write('Order', 'example.com', order({ number: 1, phase: 'failed', reason: 'long ago' }));
    expect(await status()).toEqual({ phase: 'ordering', usedBy: [] });
    await api.write('Order', 'example.com', order({}));
    expect(await status()).toMatchObject({ phase: 'ordering', reason: 'waits for the record _acme-challenge.example.com TXT value', records: [{ name: '_acme-challenge.example.com', type: 'TXT', value: 'value' }], order: { number: 2, phase: 'proving' } });
    await api.write('Order', 'example.com', order({ isShown: true }));
    expect(await status()).not.toHaveProperty('records');
    await api.write('Order', 'example.com', order({ reason: 'busy', setbacks: 3, nextAt: 60_000 as Instant }));
    expect(await status()).toMatchObject({ reason: 'busy', nextAt: '1970-01-01T00:01:00.000Z', order: { setbacks: 3 } });
    await api.write('Order', 'example.com', order({ phase: 'failed', proofs: [], reason: 'nobody answers' }));
    await api.write('Renewal', 'example.com', { order: WANTED, failures: 1, nextAt: 300_000 as Instant, endsSoon: true });
    expect(await status()).toMatchObject({ phase: 'failed', failures: 1, endsSoon: true, reason: 'nobody answers', nextAt: '1970-01-01T00:05:00.000Z' });
    await request({ challenge: 'dns-01' });
    expect(await status()).toEqual({ phase: 'ordering', usedBy: [], endsSoon: true });
  });
});

describe('a certificate that is imported by hand', () => {
  test('ends the request that it replaces', async () => {
    await request();
    await api.control.vault.writeCertificate(GRID, { ...(await issueCertificate(['example.com'])), chain: '' });
    expect(recorded()).toBeUndefined();
    expect((await shown())?.status).toMatchObject({ phase: 'imported', version: 1 });
  });

  test('is removed with its request, and a request alone can be removed', async () => {
    await request();
    await api.control.resources.remove(GRID, 'certificate', 'example.com');
    await expect(shown()).rejects.toMatchObject({ code: 'KON_NOT_FOUND' });
    await expect(api.control.resources.remove(GRID, 'certificate', 'example.com')).rejects.toMatchObject({ code: 'KON_NOT_FOUND' });
  });
});
