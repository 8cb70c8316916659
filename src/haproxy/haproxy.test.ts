import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { RouteSpec } from '../model/index.js';
import type { ServedRoute, ServedServer } from '../ports/index.js';
import { type Arrived, HaproxyBed, INSTANCE, route } from '../testing/haproxy-bed.js';
import { issueCertificate } from '../testing/issue-certificate.js';

let bed: HaproxyBed;
let web: ServedServer;
let api: ServedServer;

beforeEach(async () => {
  bed = await HaproxyBed.open();
  web = await bed.instance('todo/web.1@7');
  api = await bed.instance('todo/api.1@8');
});

afterEach(() => bed.close());

const by = (arrived: Arrived | number): string | number => (typeof arrived === 'number' ? arrived : arrived.by.replace(/\.\d+@\d+$/, ''));
const pathOf = (arrived: Arrived | number): string | number => (typeof arrived === 'number' ? arrived : arrived.path);

const pem = async (...names: readonly string[]): Promise<string> => {
  const { certificate, privateKey } = await issueCertificate(names);
  return certificate + privateKey;
};

describe('who gets what', () => {
  interface Case {
    readonly title: string;
    readonly web: Partial<RouteSpec>;
    readonly api: Partial<RouteSpec>;
    readonly asked: readonly (readonly [host: string, path: string, who: string | number])[];
  }
  test.each<Case>([
    { title: 'by host, whatever its letters and port', web: { hosts: ['web.example.com'] }, api: { hosts: ['api.example.com'] }, asked: [['web.example.com', '/', 'todo/web'], ['API.example.com:8080', '/', 'todo/api'], ['example.com', '/', 503]] },
    { title: 'a host before all below a domain', web: { hosts: ['*.example.com'] }, api: { hosts: ['api.example.com'] }, asked: [['a.example.com', '/', 'todo/web'], ['a.b.example.com', '/', 'todo/web'], ['api.example.com', '/', 'todo/api'], ['example.com', '/', 503]] },
    { title: 'the longest path', web: { hosts: ['a.com'], paths: ['/', '/api/v2'] }, api: { hosts: ['a.com'], paths: ['/api'] }, asked: [['a.com', '/', 'todo/web'], ['a.com', '/api/v1', 'todo/api'], ['a.com', '/api/v2/x', 'todo/web']] },
    { title: 'a host before a path alone', web: { hosts: ['a.com'] }, api: { paths: ['/api'] }, asked: [['a.com', '/api', 'todo/web'], ['b.com', '/api', 'todo/api'], ['b.com', '/', 503]] },
    { title: 'what asks for nothing gets what is left', web: {}, api: { hosts: ['a.com'], paths: ['/api'] }, asked: [['a.com', '/', 'todo/web'], ['b.com', '/api', 'todo/web'], ['a.com', '/api', 'todo/api']] },
    { title: 'the one of two that has an instance', web: { weight: 1 }, api: { weight: 0 }, asked: [['a.com', '/', 'todo/web'], ['a.com', '/', 'todo/web'], ['a.com', '/', 'todo/web']] },
  ])('$title', async ({ web: one, api: other, asked }) => {
    await bed.serve(bed.served([route('todo/api', other, [api]), route('todo/web', one, [web])]));
    const got = await Promise.all(asked.map(async ([host, path]) => [host, path, by(await bed.arrived(host, path))]));
    expect(got).toEqual(asked);
  });

  test('services of one host share it by weight, and the others take over from one that has no instance', async () => {
    const shared = (servers: readonly ServedServer[]): readonly ServedRoute[] => [route('todo/api', { hosts: ['a.com'], weight: 1 }, servers), route('todo/web', { hosts: ['a.com'], weight: 9 }, [web])];
    await bed.serve(bed.served(shared([api])));
    const got = await Promise.all(Array.from({ length: 300 }, async () => by(await bed.arrived('a.com'))));
    const share = got.filter((who) => who === 'todo/api').length;
    expect([got.filter((who) => who === 'todo/web').length + share, share > 5, share < 80]).toEqual([300, true, true]);
    await bed.serve(bed.served(shared([])));
    expect(new Set(await Promise.all(Array.from({ length: 50 }, async () => by(await bed.arrived('a.com')))))).toEqual(new Set(['todo/web']));
  });

  test.each<readonly [Partial<RouteSpec>, string, string]>([
    [{ paths: ['/api'] }, '/api/users?x=1', '/users?x=1'],
    [{ paths: ['/api'] }, '/api', '/'],
    [{ paths: ['/a', '/b'] }, '/a/b/c', '/b/c'],
    [{ paths: ['/a.b+c'] }, '/a.b+c/d', '/d'],
    [{ paths: ['/api'], keepsPath: true }, '/api/users', '/api/users'],
    [{ paths: ['/'] }, '/api/users', '/api/users'],
  ])('a route %j takes %s to %s', async (spec, path, expected) => {
    await bed.serve(bed.served([route('todo/web', spec, [web])]));
    expect(pathOf(await bed.arrived('a.com', path))).toBe(expected);
  });
});

describe('what is said and answered on the way', () => {
  test('instances hear who asks; others are told by status, in pages of the route, or of the balancer', async () => {
    const pages = { 503: '<p>todo is away' };
    await bed.serve(bed.served([route('todo/api', { hosts: ['api.com'], errorPages: pages }, []), route('todo/web', { hosts: ['a.com'] }, [web])], { spec: { errorPages: { 503: '<p>nobody is here' } } }));
    expect((await bed.arrived('a.com') as Arrived).headers).toMatchObject({ 'x-forwarded-for': '127.0.0.1' });
    expect([(await bed.get('api.com')).body, (await bed.get('b.com')).body]).toEqual(['<p>todo is away', '<p>nobody is here']);
  });

  test('who is not known is asked who they are', async () => {
    await bed.serve(bed.served([route('todo/web', {}, [web], 'user ada insecure-password lovelace\nuser bob insecure-password x')]));
    const as = (user: string): Readonly<Record<string, string>> => ({ authorization: `Basic ${Buffer.from(user).toString('base64')}` });
    expect([(await bed.get('a.com')).headers['www-authenticate'], by(await bed.arrived('a.com', '/', as('ada:lovelace'))), by(await bed.arrived('a.com', '/', as('ada:x')))]).toEqual(['Basic realm="todo/web"', 'todo/web', 401]);
  });

  test('a client with a cookie comes to the same instance again, also one that was added while it runs', async () => {
    const routes = (servers: readonly ServedServer[]): readonly ServedRoute[] => [route('todo/web', { cookie: { name: 'KONTENA_SERVERID', mode: 'insert', options: ['indirect', 'nocache'] } }, servers)];
    await bed.serve(bed.served(routes([web])));
    const [first] = (await bed.get('a.com')).headers['set-cookie'] ?? [];
    const second = await bed.instance('todo/web.2@9');
    await bed.proxy.take(INSTANCE, { do: 'add', route: routes([])[0]!, server: second });
    const cookie = first?.split(';')[0] ?? '';
    expect(cookie).toMatch(/^KONTENA_SERVERID=\w+/);
    const again = await Promise.all(Array.from({ length: 10 }, async () => ((await bed.arrived('a.com', '/', { cookie })) as Arrived).by));
    expect(new Set(again)).toEqual(new Set(['todo/web.1@7']));
    const cookies = await Promise.all(Array.from({ length: 10 }, async () => (await bed.get('a.com')).headers['set-cookie']?.[0]?.split(';')[0] ?? ''));
    const other = cookies.find((one) => one !== cookie) ?? '';
    expect(((await bed.arrived('a.com', '/', { cookie: other })) as Arrived).by).toBe('todo/web.2@9');
  });

  test('clients beyond a limit are told so', async () => {
    await bed.serve(bed.served([route('todo/web', { limits: { requestsPerSecond: 5 } }, [web])]));
    const got = await Promise.all(Array.from({ length: 20 }, async () => (await bed.get('a.com')).status));
    expect([got.includes(200), got.includes(429)]).toEqual([true, true]);
  });

  test('everyone gets the page of maintenance, and nobody the instance', async () => {
    await bed.serve(bed.served([route('todo/web', { maintenance: { page: '<p>Back at "noon"' } }, [web])]));
    expect(await bed.get('a.com')).toMatchObject({ status: 503, body: '<p>Back at "noon"' });
  });

  test('what can be compressed is', async () => {
    await bed.serve(bed.served([route('todo/web', { compression: ['text/html', 'application/json'] }, [web])]));
    expect((await bed.get('a.com', '/', { 'accept-encoding': 'gzip' })).headers['content-encoding']).toBe('gzip');
  });

  test('authorities get their answers before anyone is sent elsewhere, also those that come while it runs', async () => {
    const { proxy } = bed;
    await bed.serve(bed.served([route('todo/web', { redirectsToHttps: true }, [web])], { challenges: { one: 'one.abc' } }));
    const answer = async (token: string): Promise<string | number> => { const { status, body } = await bed.get('a.com', `/.well-known/acme-challenge/${token}`); return status === 200 ? body : status; };
    expect([await answer('one'), await answer('two')]).toEqual(['one.abc', 308]);
    await proxy.take(INSTANCE, { do: 'answer', challenges: { two: 'two.def' } });
    expect([await answer('one'), await answer('two')]).toEqual([308, 'two.def']);
  });

  test('health and statistics are shown, the latter to who knows the password', async () => {
    await bed.serve(bed.served([], { spec: { healthUri: '/__health' } }));
    expect([(await bed.get('a.com', '/__health')).status, (await bed.stats('secret')).status, (await bed.stats('x')).status]).toEqual([200, 200, 401]);
  });

  test('where nothing is served by http, that is answered', async () => {
    const instance = await bed.tcpInstance('db/main.1@3');
    await bed.serve(bed.served([route('db/main', { mode: 'tcp', paths: [], externalPort: bed.tcpPort }, [instance])]));
    expect((await bed.get('a.com')).status).toBe(503);
    expect(await bed.hear(bed.tcpPort)).toBe('db/main.1@3');
  });
});

describe('TLS', () => {
  test('shows each host its certificate, another one without being loaded anew, and sends who comes without it there', async () => {
    const first = { name: 'certificate a.com', pem: (await pem('a.com')) + (await pem('b.com')) };
    const second = { name: 'certificate c.com', pem: await pem('c.com', '*.c.com') };
    const hsts = { maxAgeSeconds: 60, includesSubdomains: true, preload: false };
    const { reloads } = await bed.serve(bed.served([route('todo/web', { hosts: ['a.com'], redirectsToHttps: true, hsts }, [web])], { certificates: [first, second] }));
    const shown = async (name: string): Promise<string> => (await bed.shown(bed.httpsPort, name)).subject;
    expect(await Promise.all(['a.com', 'b.com', 'x.c.com', 'd.com'].map(shown))).toEqual(['a.com', 'b.com', 'c.com', 'a.com']);
    expect((await bed.shown(bed.httpsPort, 'a.com')).alpn).toBe('h2');
    expect((await bed.get('a.com', '/x?y')).headers.location).toBe('https://a.com/x?y');
    await bed.proxy.take(INSTANCE, { do: 'certify', certificate: { ...second, pem: await pem('renewed.com', 'c.com') } });
    expect([await shown('c.com'), (await bed.proxy.look(INSTANCE))?.reloads]).toEqual(['renewed.com', reloads]);
  });

  test('is ended for tcp, or handed on unopened, and leads by host', async () => {
    const main = await bed.tcpInstance('db/main.1@3');
    const other = await bed.tcpInstance('db/other.1@4');
    const tcp = { mode: 'tcp', paths: [], externalPort: bed.tcpPort, tls: 'terminate' } as const;
    await bed.serve(bed.served([route('db/main', { ...tcp, hosts: ['main.db'] }, [main]), route('db/other', tcp, [other])], { certificates: [{ name: 'db', pem: await pem('main.db') }] }));
    expect([await bed.hear(bed.tcpPort, 'main.db'), await bed.hear(bed.tcpPort, 'x.db')]).toEqual(['db/main.1@3', 'db/other.1@4']);
  });

  test('a certificate with the key of another is named, and so is what is none', async () => {
    const [one, other] = [await issueCertificate(['a.com']), await issueCertificate(['b.com'])];
    const certificates = [{ name: 'certificate a.com', pem: one.certificate + other.privateKey }];
    expect(await bed.proxy.check(INSTANCE, bed.served([], { certificates }))).toEqual({ words: 'its key is that of another certificate', of: { kind: 'certificate', name: 'certificate a.com' } });
    expect(await bed.proxy.check(INSTANCE, bed.served([], { certificates: [{ name: 'x', pem: 'nothing' }] }))).toMatchObject({ words: expect.stringMatching(/^it is not a certificate/), of: { kind: 'certificate', name: 'x' } });
  });
});

describe('while it runs', () => {
  const routes = (servers: readonly ServedServer[], spec: Partial<RouteSpec> = {}): readonly ServedRoute[] => [route('todo/web', spec, servers)];
  const seenBy = async (count = 8): Promise<ReadonlySet<string | number>> =>
    new Set(await Promise.all(Array.from({ length: count }, async () => { const arrived = await bed.arrived('a.com'); return typeof arrived === 'number' ? arrived : arrived.by; })));

  test.each(['roundrobin', 'leastconn', 'source', 'random', 'hdr(X-User)', 'uri'])('instances come, are withdrawn, and go, balanced by %s', async (balance) => {
    const second = await bed.instance('todo/web.2@9');
    const { reloads } = await bed.serve(bed.served(routes([web], { balance })));
    const { proxy } = bed;
    await proxy.take(INSTANCE, { do: 'add', route: routes([], { balance })[0]!, server: second });
    expect(Object.keys((await proxy.look(INSTANCE))?.backends['todo/web']?.servers ?? {})).toEqual(['todo/web.1@7', 'todo/web.2@9']);
    await proxy.take(INSTANCE, { do: 'withdraw', service: 'todo/web', instance: 'todo/web.1@7' });
    expect(await seenBy()).toEqual(new Set(['todo/web.2@9']));
    expect((await proxy.look(INSTANCE))?.backends['todo/web']?.servers['todo/web.1@7']).toMatchObject({ isUp: false, isWithdrawn: true, open: 0 });
    await proxy.take(INSTANCE, { do: 'remove', service: 'todo/web', instance: 'todo/web.1@7' });
    expect(await proxy.look(INSTANCE)).toMatchObject({ reloads, backends: { 'todo/web': { servers: { 'todo/web.2@9': { address: `127.0.0.1:${second.port}`, isUp: true } } } } });
  });

  test('one that is withdrawn is restored, and one that moved is followed', async () => {
    await bed.serve(bed.served(routes([web])));
    const { proxy } = bed;
    await proxy.take(INSTANCE, { do: 'withdraw', service: 'todo/web', instance: web.instance });
    expect(await seenBy(1)).toEqual(new Set([503]));
    await proxy.take(INSTANCE, { do: 'restore', service: 'todo/web', instance: web.instance });
    await proxy.take(INSTANCE, { do: 'move', service: 'todo/web', server: { ...web, port: api.port } });
    expect(await seenBy(4)).toEqual(new Set(['todo/api.1@8']));
  });

  test('what it counts and finds is told', async () => {
    const { proxy } = bed;
    const gone = { instance: 'todo/web.2@9', address: '127.0.0.1', port: 9 };
    await bed.serve(bed.served(routes([web, gone])));
    const view = await bed.viewWith(({ backends }) => backends['todo/web']?.servers[gone.instance]?.isUp === false);
    expect(view.backends['todo/web']?.servers[gone.instance]?.reason).toMatch(/^Layer4 connection problem/);
    await seenBy(3);
    expect((await proxy.look(INSTANCE))?.backends['todo/web']).toMatchObject({ requests: 3, errors: 0 });
  });

  test('a step that it cannot take is refused in its own words', async () => {
    await bed.serve(bed.served(routes([web])));
    await expect(bed.proxy.take(INSTANCE, { do: 'remove', service: 'todo/web', instance: web.instance })).rejects.toMatchObject({ code: 'KON_BALANCER_REFUSED', message: expect.stringContaining('maintenance') });
  });

  test('what was kept is there after it is loaded anew, and requests under way are not cut', async () => {
    await bed.serve(bed.served(routes([web])));
    const over = new AbortController();
    const failed: unknown[] = [];
    const asking = (async () => {
      while (!over.signal.aborted) await bed.get('a.com').then(({ status }) => status === 200 || failed.push(status), (error: unknown) => failed.push(error));
    })();
    for (const spec of [{ keepsPath: true }, { redirectsToHttps: false, paths: ['/', '/a'] }, {}]) await bed.serve(bed.served(routes([web], spec)));
    over.abort();
    await asking;
    expect([failed, (await bed.proxy.look(INSTANCE))?.reloads]).toEqual([[], 4]);
  });
});

describe('what it does not take', () => {
  test.each<readonly [string, Partial<RouteSpec>, RegExp]>([
    ['a line that is none', { customSettings: ['timeout server 5s', 'fly me to the moon'] }, /unknown keyword 'fly' in 'backend' section/],
    ['a balance that is none', { balance: 'fairly' }, /only supports/],
    ['several lines in one', { customSettings: ['option forwardfor\nno such thing'] }, /negation/],
    ['a cookie option that is none', { cookie: { name: 'A', mode: 'insert', options: ['sweet'] } }, /'cookie' supports/],
  ])('%s is said to be of its route, in its own words', async (_title, spec, words) => {
    await bed.serve(bed.served([]));
    const fault = await bed.proxy.check(INSTANCE, bed.served([route('todo/api', { hosts: ['a.com'] }, [api]), route('todo/web', spec, [web])]));
    expect(fault).toEqual({ words: expect.stringMatching(words), of: { kind: 'route', name: 'infra/lb:todo/web' } });
  });

  test('lines of the balancer itself are said to be its own', async () => {
    await bed.serve(bed.served([]));
    expect(await bed.proxy.check(INSTANCE, bed.served([], { spec: { customSettings: ['nonsense'] } }))).toMatchObject({ of: { kind: 'settings' } });
    expect(await bed.proxy.check(INSTANCE, bed.served([], { spec: { globalSettings: ['nonsense'] } }))).toMatchObject({ of: { kind: 'settings' } });
  });
});

test('logs in JSON are JSON, whatever is asked', async () => {
  await bed.serve(bed.served([route('todo/web', {}, [web])], { spec: { logFormat: 'json' } }));
  await bed.get('a.com', '/a"b\\c');
  const line = await bed.until('a line is written', async () => bed.lastLog('"request"'));
  expect(JSON.parse(line)).toMatchObject({ client: '127.0.0.1', backend: 'todo.web', server: 'todo.web-1.7', status: 200, request: 'GET /a#22b\\c HTTP/1.1' }); // HAProxy's own way to write a quote
});

test('its folder is kept for those that run here, with what lay in it', async () => {
  const { proxy } = bed;
  expect([await proxy.prepare('a/b.1@1', 'first'), await proxy.prepare('a/b.1@1', 'second')]).toEqual(['first', 'first']);
  await proxy.forgetOthers([]);
  expect(await proxy.prepare('a/b.1@1', 'third')).toBe('third');
});
