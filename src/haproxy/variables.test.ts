import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { connect } from 'node:tls';
import { wantedOf } from '../agent/balancers/served.js';
import { type Endpoint, withVersions } from '../model/index.js';
import type { ServedServer } from '../ports/index.js';
import { readStack } from '../stackfile/read.js';
import { reading } from '../stackfile/reading-for-tests.js';
import { type Arrived, HaproxyBed } from '../testing/haproxy-bed.js';
import { issueCertificate } from '../testing/issue-certificate.js';

/** What a stack file of the original says in variables, and what a client gets for it from the real HAProxy. */
interface Declared {
  /** Variables of the balancer, and of two services behind it; `undefined`: it is not there. */
  readonly lb?: readonly string[];
  readonly web?: readonly string[];
  readonly api?: readonly string[];
  /** Further keys of the service `web`. */
  readonly more?: object;
  /** Values of the vault, by name. */
  readonly secrets?: Readonly<Record<string, string>>;
}

let bed: HaproxyBed;
let web: ServedServer;
let api: ServedServer;

beforeEach(async () => {
  bed = await HaproxyBed.open();
  web = await bed.instance('shop/web.1@7');
  api = await bed.instance('shop/api.1@8');
}, 30_000);

afterEach(() => bed.close(), 30_000);

/** Serves what is declared: `TCP` and `WEB` in variables stand for the port of the balancer that is free, and for that of `web`. */
async function serve({ lb = [], web: ofWeb, api: ofApi, more = {}, secrets = {} }: Declared, others: Readonly<Record<string, readonly ServedServer[]>> = {}): Promise<void> {
  const environment = (variables: readonly string[]): readonly string[] => variables.map((one) => one.replace('TCP', String(bed.tcpPort)).replace('WEB', String(web.port)));
  const service = (variables: readonly string[] | undefined, keys: object = {}): object | undefined => (variables === undefined ? undefined : { image: 'a', links: ['lb'], environment: environment(variables), ...keys });
  const services = { lb: { image: 'kontena/lb:1', environment: environment(lb), secrets: Object.keys(secrets).filter((name) => name.startsWith('SSL')).map((name) => ({ secret: name, name, type: 'env' })) }, web: service(ofWeb, more), api: service(ofApi) };
  const { stack, mistakes } = await readStack(reading(JSON.stringify({ stack: 'shop', services }), { asMaster: true }));
  expect(mistakes).toEqual([]);
  const specs = Object.fromEntries(Object.entries(stack?.services ?? {}).map(([name, spec]) => [name, withVersions(spec, () => 1)]));
  const routes = Object.fromEntries(['web', 'api'].flatMap((name) => (specs[name]?.route === undefined ? [] : [[`shop/lb:shop/${name}`, { service: `shop/${name}`, spec: specs[name].route }]])));
  const isGiven = ofWeb?.some((one) => one.startsWith('KONTENA_LB_INTERNAL_PORT')) === true;
  const endpoints: Readonly<Record<string, readonly ServedServer[]>> = { 'shop/web': [web], 'shop/api': [api], ...others };
  const endpointsOf = (name: string): readonly Endpoint[] =>
    (endpoints[name] ?? []).map(({ instance, address, port }) => ({ instance, address, node: 'n1', isExposed: false, serves: true, ...(isGiven ? {} : { routePort: port }) }));
  const balancer = specs['lb']?.balancer;
  if (balancer === undefined) throw new Error('the balancer is none');
  const spec = { ...balancer, httpPort: bed.httpPort, httpsPort: bed.httpsPort, stats: { ...balancer.stats, port: bed.statsPort } };
  const values = Object.fromEntries(Object.entries(secrets).map(([name, value]) => [`Secret/${name}@1`, value]));
  const { served, refused, faults } = wantedOf('shop/lb', { spec, instances: [], routes }, { section: { secrets: values, challenges: {} }, drawnPassword: 'drawn', endpointsOf });
  expect([refused, faults]).toEqual([{}, []]);
  await bed.serve(served);
}

/** Which service answered, or with which status nobody did. */
async function who(host: string, path = '/', headers: Readonly<Record<string, string>> = {}): Promise<string | number> {
  const arrived = await bed.arrived(host, path, headers);
  return typeof arrived === 'number' ? arrived : arrived.by.replace(/^shop\/(\w+)\..*$/, '$1');
}

const path = async (asked: string): Promise<string> => ((await bed.arrived('a.com', asked)) as Arrived).path;
const headers = async (): Promise<Arrived['headers']> => ((await bed.arrived('a.com')) as Arrived).headers;
const all = async <T>(...asked: readonly Promise<T>[]): Promise<readonly T[]> => Promise.all(asked);
const basic = (user: string): Readonly<Record<string, string>> => ({ authorization: `Basic ${Buffer.from(user).toString('base64')}` });

interface Case extends Declared {
  readonly title: string;
  readonly got: () => Promise<unknown>;
  readonly expected: unknown;
}

const HTTP = 'KONTENA_LB_MODE=http';
const MODE_TCP = ['KONTENA_LB_MODE=tcp', 'KONTENA_LB_EXTERNAL_PORT=TCP'];

describe('variables of a service', () => {
  test.each<Case>([
    { title: 'MODE=http alone: all hosts, the path as it is', web: [HTTP], got: () => all(who('a.com'), who('b.com', '/x?y')), expected: ['web', 'web'] },
    { title: 'INTERNAL_PORT: where it listens', web: [HTTP, 'KONTENA_LB_INTERNAL_PORT=WEB'], got: () => who('a.com'), expected: 'web' },
    { title: 'VIRTUAL_HOSTS: several, whatever their letters, and with any port behind them', web: ['KONTENA_LB_VIRTUAL_HOSTS=a.com, B.com'], got: () => all(who('a.com'), who('A.COM:8080'), who('b.com'), who('c.com'), who('x.a.com')), expected: ['web', 'web', 'web', 503, 503] },
    { title: 'VIRTUAL_HOSTS with a wildcard: names below it, and not itself', web: ['KONTENA_LB_VIRTUAL_HOSTS=*.a.com'], got: () => all(who('x.a.com'), who('x.y.a.com'), who('a.com'), who('xa.com')), expected: ['web', 'web', 503, 503] },
    { title: 'VIRTUAL_PATH: taken away', web: ['KONTENA_LB_VIRTUAL_PATH=/web'], got: () => all(path('/web/x?y=1'), path('/web')), expected: ['/x?y=1', '/'] },
    { title: 'VIRTUAL_PATH: any of several, and nothing else', web: ['KONTENA_LB_VIRTUAL_PATH=/one,/two'], got: () => all(who('a.com', '/one/x'), who('a.com', '/two'), who('a.com', '/three')), expected: ['web', 'web', 503] },
    { title: 'KEEP_VIRTUAL_PATH=true', web: ['KONTENA_LB_VIRTUAL_PATH=/web', 'KONTENA_LB_KEEP_VIRTUAL_PATH=true'], got: () => path('/web/x'), expected: '/web/x' },
    { title: 'KEEP_VIRTUAL_PATH=false', web: ['KONTENA_LB_VIRTUAL_PATH=/web', 'KONTENA_LB_KEEP_VIRTUAL_PATH=false'], got: () => path('/web/x'), expected: '/x' },
    { title: 'host and path before a host, that before a path', web: ['KONTENA_LB_VIRTUAL_HOSTS=a.com'], api: ['KONTENA_LB_VIRTUAL_HOSTS=a.com', 'KONTENA_LB_VIRTUAL_PATH=/api'], got: () => all(who('a.com', '/api/x'), who('a.com', '/x')), expected: ['api', 'web'] },
    { title: 'a host before a path alone', web: ['KONTENA_LB_VIRTUAL_HOSTS=a.com'], api: ['KONTENA_LB_VIRTUAL_PATH=/api'], got: () => all(who('a.com', '/api'), who('b.com', '/api'), who('b.com')), expected: ['web', 'api', 503] },
    { title: 'COOKIE without a value: one of the balancer', web: [HTTP, 'KONTENA_LB_COOKIE='], got: async () => String((await bed.get('a.com')).headers['set-cookie']), expected: expect.stringMatching(/^KONTENA_SERVERID=\w+; path=\/$/) },
    { title: "COOKIE in HAProxy's words", web: [HTTP, 'KONTENA_LB_COOKIE=cookie MINE insert indirect nocache httponly'], got: async () => String((await bed.get('a.com')).headers['set-cookie']), expected: expect.stringMatching(/^MINE=\w+; path=\/; HttpOnly$/) },
    {
      title: 'BASIC_AUTH_SECRETS: who is let in, and what the browser asks for', web: [HTTP], secrets: { users: 'user ada insecure-password lovelace' },
      more: { secrets: [{ secret: 'users', name: 'KONTENA_LB_BASIC_AUTH_SECRETS', type: 'env' }] },
      got: async () => [await who('a.com'), await who('a.com', '/', basic('ada:x')), await who('a.com', '/', basic('ada:lovelace')), (await bed.get('a.com')).headers['www-authenticate']], expected: [401, 401, 'web', 'Basic realm="shop/web"'],
    },
    { title: 'BASIC_AUTH_SECRETS without a value: nobody is asked', web: [HTTP, 'KONTENA_LB_BASIC_AUTH_SECRETS='], got: () => who('a.com'), expected: 'web' },
    { title: 'CUSTOM_SETTINGS: lines of its backend, of nobody else', web: ['KONTENA_LB_VIRTUAL_HOSTS=a.com', 'KONTENA_LB_CUSTOM_SETTINGS=http-response set-header X-One 1\nhttp-response set-header X-Two 2'], api: [HTTP], got: async () => [(await bed.get('a.com')).headers, (await bed.get('b.com')).headers], expected: [expect.objectContaining({ 'x-one': '1', 'x-two': '2' }), expect.not.objectContaining({ 'x-one': '1' })] },
    { title: "clients' addresses are told", web: [HTTP], got: headers, expected: expect.objectContaining({ 'x-forwarded-for': '127.0.0.1' }) },
    { title: 'MODE=tcp: on EXTERNAL_PORT, whatever is spoken', web: MODE_TCP, got: async () => [await bed.raw(bed.tcpPort, 'GET / HTTP/1.0\r\n\r\n'), await who('a.com')], expected: [expect.stringContaining('"by":"shop/web.1@7"'), 503] },
    { title: 'MODE=tcp: CUSTOM_SETTINGS', web: [...MODE_TCP, 'KONTENA_LB_CUSTOM_SETTINGS=tcp-request content reject'], got: () => bed.raw(bed.tcpPort, 'GET / HTTP/1.0\r\n\r\n'), expected: '' },
  ])('$title', async ({ got, expected, ...declared }) => {
    await serve(declared);
    expect(await got()).toEqual(expected);
  }, 30_000);

  test.each<readonly [string, readonly string[], readonly string[]]>([
    ['without BALANCE: each in turn', [], ['1', '2', '1', '2']],
    ['BALANCE=first: the first that is free', ['KONTENA_LB_BALANCE=first'], ['1', '1', '1', '1']],
  ])('%s', async (_title, variables, expected) => {
    await serve({ web: [HTTP, ...variables] }, { 'shop/web': [web, await bed.instance('shop/web.2@9')] });
    const got: string[] = [];
    for (let count = 0; count < 4; count += 1) got.push(((await bed.arrived('a.com')) as Arrived).by.replace(/^.*\.(\d)@.*$/, '$1'));
    expect(got).toEqual(expected);
  }, 30_000);

  test('health_check: its uri is asked for, on its port, and who does not answer well gets nothing', async () => {
    let status = 500;
    const health = await bed.listen('health', createServer((asked, answer) => answer.writeHead(asked.url === '/health' ? status : 404).end()));
    const serving = { web: [HTTP], more: { health_check: { protocol: 'http', port: health.port, uri: '/health', interval: 1, initial_delay: 0, timeout: 1 } } };
    await serve(serving);
    await bed.until('it is out', async () => ((await who('a.com')) === 503 ? true : false));
    status = 200;
    await bed.until('it is back', async () => ((await who('a.com')) === 'web' ? true : false));
  }, 60_000);
});

describe('variables of a balancer', () => {
  const pem = async (...names: readonly string[]): Promise<string> => {
    const { certificate, privateKey } = await issueCertificate(names);
    return certificate + privateKey;
  };
  /** What is agreed on by who speaks TLS of a version. */
  async function agreed(version: 'TLSv1.1' | 'TLSv1.2' | 'TLSv1.3'): Promise<string> {
    const socket = connect({ port: bed.httpsPort, host: '127.0.0.1', servername: 'a.com', rejectUnauthorized: false, minVersion: version, maxVersion: version, ciphers: 'DEFAULT:@SECLEVEL=0' });
    try {
      await once(socket, 'secureConnect');
      return socket.getCipher().standardName;
    } catch {
      return 'nothing';
    } finally {
      socket.destroy();
    }
  }

  test.each<Case>([
    { title: 'HEALTH_URI: answered by itself, whoever is asked for', lb: ['KONTENA_LB_HEALTH_URI=/.up'], got: async () => [(await bed.get('x.com', '/.up')).status, await who('x.com', '/')], expected: [200, 503] },
    { title: 'STATS_PASSWORD', lb: ['STATS_PASSWORD=hush'], got: async () => [(await bed.stats('hush')).status, (await bed.stats('secret')).status], expected: [200, 401] },
    { title: 'without STATS_PASSWORD: one that was drawn by lot, not the same everywhere', got: async () => [(await bed.stats('drawn')).status, (await bed.stats('secret')).status], expected: [200, 401] },
    { title: 'KONTENA_LB_CUSTOM_SETTINGS: lines for all', lb: ['KONTENA_LB_CUSTOM_SETTINGS=errorloc 503 http://sorry.example/'], got: async () => (await bed.get('x.com')).headers.location, expected: 'http://sorry.example/' },
    { title: 'KONTENA_LB_GLOBAL_SETTINGS: a smaller buffer', lb: ['KONTENA_LB_GLOBAL_SETTINGS=tune.bufsize 4096'], web: [HTTP], got: () => who('a.com', '/', { 'x-long': 'x'.repeat(6_000) }), expected: 400 },
    { title: 'without it: the usual one', web: [HTTP], got: () => who('a.com', '/', { 'x-long': 'x'.repeat(6_000) }), expected: 'web' },
  ])('$title', async ({ got, expected, ...declared }) => {
    await serve(declared);
    expect(await got()).toEqual(expected);
  }, 30_000);

  test('SSL_CERTS with several certificates, and SSL_CERT_…: each is shown to who names it, https is told of, HTTP/2 is offered', async () => {
    const both = (await pem('a.com')) + (await pem('b.com'));
    await serve({ web: [HTTP], secrets: { SSL_CERTS: both, SSL_CERT_C: await pem('c.com') } });
    const subjects = await all(...['a.com', 'b.com', 'c.com', 'd.com'].map((name) => bed.shown(bed.httpsPort, name)));
    expect(subjects.map(({ subject }) => subject)).toEqual(['a.com', 'b.com', 'c.com', 'a.com']);
    expect(subjects[0]?.alpn).toBe('h2');
    expect(await bed.secure('a.com')).toMatchObject({ 'x-forwarded-proto': 'https', 'x-forwarded-port': String(bed.httpsPort), 'x-forwarded-for': '127.0.0.1' });
    expect(await all(agreed('TLSv1.1'), agreed('TLSv1.2'), agreed('TLSv1.3'))).toEqual(['nothing', expect.stringMatching(/^TLS_ECDHE_ECDSA_WITH_/), expect.stringMatching(/^TLS_/)]);
  }, 30_000);

  test('KONTENA_LB_HTTP2=false offers HTTP/1.1 alone, and KONTENA_LB_SSL_CIPHERS says what is spoken', async () => {
    await serve({ lb: ['KONTENA_LB_HTTP2=false', 'KONTENA_LB_SSL_CIPHERS=ECDHE-ECDSA-AES256-GCM-SHA384'], web: [HTTP], secrets: { SSL_CERTS: await pem('a.com') } });
    expect([(await bed.shown(bed.httpsPort, 'a.com')).alpn, await agreed('TLSv1.2')]).toEqual(['http/1.1', 'TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384']);
  }, 30_000);

  test('KONTENA_LB_ACCEPT_PROXY: who connects says whom they speak for', async () => {
    await serve({ lb: ['KONTENA_LB_ACCEPT_PROXY=yes'], web: [HTTP] });
    const said = await bed.raw(bed.httpPort, 'PROXY TCP4 203.0.113.7 10.0.0.1 4000 80\r\nGET / HTTP/1.0\r\nHost: a.com\r\n\r\n');
    expect(said).toContain('"x-forwarded-for":"203.0.113.7"');
    expect(await bed.raw(bed.httpPort, 'GET / HTTP/1.0\r\nHost: a.com\r\n\r\n')).toBe('');
  }, 30_000);

  test('SYSLOG_TARGET: where its lines go', async () => {
    const socket = createSocket('udp4');
    socket.bind(0, '127.0.0.1');
    await once(socket, 'listening');
    await serve({ lb: [`SYSLOG_TARGET=127.0.0.1:${socket.address().port} local3 info`], web: [HTTP] });
    const line = once(socket, 'message');
    await bed.get('a.com', '/logged');
    expect(String((await line)[0])).toMatch(/^<158>.*"GET \/logged HTTP\/1\.1"/); // facility 19, severity 6
    socket.close();
  }, 30_000);
});
