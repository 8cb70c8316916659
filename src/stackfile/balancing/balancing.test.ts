import { describe, expect, test } from '@jest/globals';
import { type BalancerSpec, DEFAULT_BALANCER, DEFAULT_ROUTE, type RouteSpec, type ServiceSpec } from '../../model/index.js';
import { checkStack } from '../check-stack.js';
import { validateBalancer, validateLoadBalancer } from '../gen/validate-file.js';
import { readStack } from '../read.js';
import { reading } from '../reading-for-tests.js';
import { stackSchema } from '../schema.js';

const LB = '  lb: {image: "kontena/lb:1"}\n';
const file = (services: string): string => `stack: shop\nservices:\n${LB}${services}`;

/** A service of a file without a mistake. */
async function service(services: string, name = 'web'): Promise<ServiceSpec> {
  const { stack, mistakes } = await readStack(reading(file(services), { asMaster: true }));
  expect(mistakes).toEqual([]);
  expect(checkStack(stack)).toEqual([]);
  return stack?.services[name] as ServiceSpec;
}

const route = async (keys: string): Promise<RouteSpec | undefined> => (await service(`  web: {image: a, links: [lb], ${keys}}\n`)).route;
const balancer = async (keys: string): Promise<BalancerSpec | undefined> => (await service(`  other: {image: "kontena/lb:2"${keys === '' ? '' : `, ${keys}`}}\n`, 'other')).balancer;
/** What is wrong with a file, each with the word of the file that it points at. */
async function said(services: string): Promise<readonly string[]> {
  const text = file(services);
  const pointedAt = (line = 0, column = 0): string => /^[^\s,}\]]*[^\s,}\]:]/.exec(text.split('\n')[line - 1]?.slice(column - 1) ?? '')?.[0] ?? '';
  const { mistakes } = await readStack(reading(text, { asMaster: true }));
  return mistakes.map(({ line, column, severity, path, message, hint }) => `${severity} ${path} at ${pointedAt(line, column)}: ${message}${hint === undefined ? '' : ` (${hint})`}`);
}

describe('who is a balancer', () => {
  test.each<[string, boolean]>([
    ['image: kontena/lb', true], ['image: "kontena/lb:edge"', true], ['image: "registry.example.com:5000/kontena/lb:1"', true], ['image: "haproxy:3", role: load-balancer', true],
    ['image: "haproxy:3", environment: {KONTENA_SERVICE_ROLE: lb}', true], ['image: "kontena/lbx"', false], ['image: "mykontena/lb"', false], ['image: "haproxy:3"', false],
  ])('{%s}: %s', async (keys, isOne) => {
    expect((await service(`  x: {${keys}}\n`, 'x')).balancer !== undefined).toBe(isOne);
  });
});

describe('the variables and the keys say the same', () => {
  test.each<{ readonly title: string; readonly variables: string; readonly keys: string; readonly means: Partial<RouteSpec> }>([
    { title: 'hosts', variables: 'KONTENA_LB_VIRTUAL_HOSTS: "Shop.example.com, *.example.org"', keys: 'host: [shop.example.com, "*.example.org"], port: 80', means: { hosts: ['shop.example.com', '*.example.org'], paths: [] } },
    { title: 'neither host nor path', variables: 'KONTENA_LB_MODE: http', keys: 'port: 80', means: {} },
    { title: 'no hosts after all', variables: 'KONTENA_LB_VIRTUAL_HOSTS: ""\nKONTENA_LB_MODE: http', keys: 'port: 80', means: {} },
    { title: 'paths', variables: 'KONTENA_LB_VIRTUAL_PATH: "/api,/v2"', keys: 'path: [/api, /v2], port: 80', means: { paths: ['/api', '/v2'] } },
    { title: 'host and kept path', variables: 'KONTENA_LB_VIRTUAL_HOSTS: a.com\nKONTENA_LB_VIRTUAL_PATH: /api\nKONTENA_LB_KEEP_VIRTUAL_PATH: "true"', keys: 'host: a.com, path: /api, keep_path: true, port: 80', means: { hosts: ['a.com'], paths: ['/api'], keepsPath: true } },
    { title: 'port inside', variables: 'KONTENA_LB_INTERNAL_PORT: 8080', keys: 'port: 8080', means: { port: 8080 } },
    { title: 'tcp where nothing else is said', variables: 'KONTENA_LB_MODE: tcp', keys: 'mode: tcp, port: 80', means: { mode: 'tcp', externalPort: 5000, paths: [] } },
    { title: 'tcp by another word', variables: 'KONTENA_LB_MODE: whatever', keys: 'mode: tcp, port: 80', means: { mode: 'tcp', externalPort: 5000, paths: [] } },
    { title: 'tcp on a port', variables: 'KONTENA_LB_MODE: tcp\nKONTENA_LB_EXTERNAL_PORT: "5432"\nKONTENA_LB_INTERNAL_PORT: "5432"', keys: 'mode: tcp, external_port: 5432, port: 5432', means: { mode: 'tcp', externalPort: 5432, port: 5432, paths: [] } },
    { title: 'balance', variables: 'KONTENA_LB_BALANCE: leastconn', keys: 'balance: leastconn, port: 80', means: { balance: 'leastconn' } },
    { title: 'a cookie of the balancer', variables: 'KONTENA_LB_COOKIE: ""', keys: 'cookie: true, port: 80', means: { cookie: { name: 'KONTENA_SERVERID', mode: 'insert', options: ['indirect', 'nocache'] } } },
    { title: 'a cookie of the application', variables: 'KONTENA_LB_COOKIE: cookie JSESSIONID prefix nocache maxidle 10m', keys: 'cookie: {name: JSESSIONID, mode: prefix, options: [nocache, maxidle 10m]}, port: 80', means: { cookie: { name: 'JSESSIONID', mode: 'prefix', options: ['nocache', 'maxidle 10m'] } } },
    { title: 'users', variables: 'KONTENA_LB_BASIC_AUTH_SECRETS: user ada insecure-password x', keys: 'basic_auth: {users: user ada insecure-password x}, port: 80', means: { basicAuth: { text: 'user ada insecure-password x' } } },
    { title: 'own lines', variables: 'KONTENA_LB_CUSTOM_SETTINGS: "option forwardfor\\n\\n  timeout server 5m"', keys: 'custom_settings: [option forwardfor, timeout server 5m], port: 80', means: { customSettings: ['option forwardfor', 'timeout server 5m'] } },
  ])('$title', async ({ variables, keys, means }) => {
    const expected = { ...DEFAULT_ROUTE, ...means };
    expect(await route(`environment: {${variables.replaceAll('\n', ', ')}}`)).toEqual(expected);
    expect(await route(`balancer: {${keys}}`)).toEqual(expected);
  });

  test.each<{ readonly title: string; readonly variables: string; readonly keys: string; readonly means: Partial<BalancerSpec> }>([
    { title: 'nothing', variables: 'X: y', keys: 'http_port: 80', means: {} },
    { title: 'health', variables: 'KONTENA_LB_HEALTH_URI: /__health', keys: 'health_uri: /__health', means: { healthUri: '/__health' } },
    { title: 'ciphers', variables: 'KONTENA_LB_SSL_CIPHERS: "ECDHE+AESGCM:!aNULL"', keys: 'ciphers: "ECDHE+AESGCM:!aNULL"', means: { ciphers: 'ECDHE+AESGCM:!aNULL' } },
    { title: 'own lines', variables: 'KONTENA_LB_CUSTOM_SETTINGS: option dontlognull, KONTENA_LB_GLOBAL_SETTINGS: "maxconn 9"', keys: 'custom_settings: option dontlognull, global_settings: [maxconn 9]', means: { customSettings: ['option dontlognull'], globalSettings: ['maxconn 9'] } },
    { title: 'PROXY protocol', variables: 'KONTENA_LB_ACCEPT_PROXY: "false"', keys: 'accept_proxy: true', means: { acceptsProxy: true } },
    { title: 'no HTTP/2', variables: 'KONTENA_LB_HTTP2: "false"', keys: 'http2: false', means: { http2: false } },
    { title: 'HTTP/2', variables: 'KONTENA_LB_HTTP2: "no"', keys: 'http2: true', means: {} },
    { title: 'syslog', variables: 'SYSLOG_TARGET: 10.0.0.1 local1 info', keys: 'syslog: 10.0.0.1 local1 info', means: { syslogTarget: '10.0.0.1 local1 info' } },
  ])('of a balancer: $title', async ({ variables, keys, means }) => {
    const expected = { ...DEFAULT_BALANCER, ...means };
    expect(await balancer(`environment: {${variables}}`)).toEqual(expected);
    expect(await balancer(`load_balancer: {${keys}}`)).toEqual(expected);
  });

  test('a key goes before a variable', async () => {
    expect(await route('environment: {KONTENA_LB_INTERNAL_PORT: 1, KONTENA_LB_BALANCE: source}, balancer: {port: 2}')).toMatchObject({ port: 2, balance: 'source' });
  });
});

test.each([['balancer', validateBalancer], ['load_balancer', validateLoadBalancer]] as const)('every example of a key of %s is accepted', async (name, validate) => {
  const { definitions } = (await stackSchema()) as { readonly definitions: Readonly<Record<string, { readonly properties: Readonly<Record<string, { readonly examples: readonly unknown[] }>> }>> };
  const cases = Object.entries(definitions[name]?.properties ?? {}).flatMap(([key, { examples }]) => examples.map((example) => ({ port: 80, [key]: example })));
  for (const { port, ...keys } of cases) expect({ keys, isValid: validate(name === 'balancer' ? { port, ...keys } : keys) }).toEqual({ keys, isValid: true });
  expect(cases.length).toBeGreaterThan(10);
});

describe('how a service is served', () => {
  test.each<[keys: string, means: Partial<RouteSpec>]>([
    ['weight: 0', { weight: 0 }],
    ['cookie: sid', { cookie: { name: 'sid', mode: 'insert', options: ['indirect', 'nocache'] } }],
    ['cookie: false, compression: false, hsts: false, maintenance: false', {}],
    ['basic_auth: users', { basicAuth: { kind: 'Secret', name: 'users' } }],
    ['check: {uri: /up, port: 9000, interval: 1500ms}', { check: { uri: '/up', port: 9000, intervalSeconds: 1.5 } }],
    ['protocol: h2, send_proxy: v2, redirect_to_https: true', { protocol: 'h2', sendsProxy: 'v2', redirectsToHttps: true }],
    ['hsts: true', { hsts: { maxAgeSeconds: 31_536_000, includesSubdomains: false, preload: false } }],
    ['hsts: {max_age: 1d, preload: true}', { hsts: { maxAgeSeconds: 86_400, includesSubdomains: false, preload: true } }],
    ['timeouts: {server: 5min, tunnel: 1d, connect: 0.5}', { timeouts: { server: 300, tunnel: 86_400, connect: 0.5 } }],
    ['limits: {requests_per_second: 50}', { limits: { requestsPerSecond: 50 } }],
    ['maintenance: "<h1>no</h1>"', { maintenance: { page: '<h1>no</h1>' } }],
    ['error_pages: {503: "<h1>busy</h1>"}', { errorPages: { 503: '<h1>busy</h1>' } }],
    ['compression: [text/html]', { compression: ['text/html'] }],
    ['drain_time: 1min', { drainSeconds: 60 }],
    ['mode: tcp, tls: passthrough, host: db.example.com', { mode: 'tcp', tls: 'passthrough', externalPort: 5000, hosts: ['db.example.com'], paths: [] }],
  ])('{%s}', async (keys, means) => {
    expect(await route(`balancer: {port: 80, ${keys}}`)).toEqual({ ...DEFAULT_ROUTE, ...means });
  });

  test('balancers ask what the nodes ask, unless told otherwise', async () => {
    const check = 'health_check: {protocol: http, port: 8080, uri: /health}';
    expect((await route(`${check}, balancer: {port: 8080}`))?.check).toEqual({ uri: '/health' });
    expect((await route(`${check}, balancer: {port: 80}`))?.check).toEqual({ uri: '/health', port: 8080 });
    expect((await route('health_check: {protocol: tcp, port: 9000}, balancer: {port: 80}'))?.check).toEqual({ port: 9000 });
    expect((await route('health_check: {protocol: command, command: up}, balancer: {port: 80}'))?.check).toEqual({});
    expect((await route(`${check}, balancer: {port: 80, check: {interval: 1s}}`))?.check).toEqual({ intervalSeconds: 1 });
  });

  test('users in the vault may be a variable too, which the containers keep', async () => {
    const { route: found, secrets } = await service('  web: {image: a, links: [lb], secrets: [{secret: users, name: KONTENA_LB_BASIC_AUTH_SECRETS, type: env}]}\n');
    expect([found?.basicAuth, secrets]).toEqual([{ kind: 'Secret', name: 'users' }, [{ secret: 'users', name: 'KONTENA_LB_BASIC_AUTH_SECRETS', type: 'env' }]]);
  });

  test('who says nothing has no route of its own', async () => expect(await route('environment: {A: b}')).toBeUndefined());
});

test('what a balancer opens is in what it is, and no longer in its environment', async () => {
  const spec = await service(
    `  x:
    image: kontena/lb
    environment: {STATS_PASSWORD: hush, SSL_CERT_A: pem, KONTENA_LB_HEALTH_URI: /up, TZ: UTC}
    certificates: [{subject: example.com, name: SSL_CERTS, type: env}]
    secrets: [{secret: cert-b, name: SSL_CERT_B, type: env}, {secret: other, name: OTHER, type: env}]
`, 'x');
  expect([spec.env, spec.secrets, spec.certificates]).toEqual([['TZ=UTC'], [{ secret: 'other', name: 'OTHER', type: 'env' }], []]);
  expect(spec.balancer).toEqual({
    ...DEFAULT_BALANCER, healthUri: '/up', stats: { port: 1000, user: 'stats', password: { text: 'hush' } },
    certificates: [{ kind: 'Certificate', name: 'example.com' }, { kind: 'Secret', name: 'cert-b' }, { text: 'pem' }],
  });
  expect((await balancer('load_balancer: {stats: {port: 9000, user: ops, password: lb-stats}, log: json, timeouts: {keep_alive: 1min}, drain_time: 5}'))).toMatchObject({
    stats: { port: 9000, user: 'ops', password: { kind: 'Secret', name: 'lb-stats' } }, logFormat: 'json', timeouts: { keepAlive: 60 }, drainSeconds: 5,
  });
});

test('a balancer names its certificates, and who issues those of its services', async () => {
  expect(await balancer('certificates: [a.com, {subject: b.com, name: SSL_CERTS, type: env}], load_balancer: {acme: {directory: letsencrypt-staging, email: ops@a.com}}')).toMatchObject({
    certificates: [{ kind: 'Certificate', name: 'a.com' }, { kind: 'Certificate', name: 'b.com' }],
    authority: { directory: 'https://acme-staging-v02.api.letsencrypt.org/directory', email: 'ops@a.com' },
  });
  expect((await balancer('load_balancer: {acme: {email: ops@a.com}}'))?.authority).toEqual({ directory: 'https://acme-v02.api.letsencrypt.org/directory', email: 'ops@a.com' });
  expect(await route('balancer: {port: 80, host: a.com, tls: auto}')).toMatchObject({ hosts: ['a.com'], tls: 'auto' });
});

describe('what is wrong, and where', () => {
  const web = (keys: string): Promise<readonly string[]> => said(`  web: {image: a, links: [lb], ${keys}}\n`);
  test.each<[what: string, keys: string, expected: string]>([
    ['a host that is none', 'balancer: {port: 80, host: "https://a.com"}', 'error services.web.balancer.host at "https://a.com": must be the name of a host, or a list of them, and is the text "https://a.com" (like shop.example.com or *.example.com, without https:// and port)'],
    ['one host of a list', 'balancer: {port: 80, host: [a.com, b com]}', 'error services.web.balancer.host[1] at b: must be the name of a host, and is the text "b com" (like shop.example.com or *.example.com, without https:// and port)'],
    ['a path without /', 'balancer: {port: 80, path: api}', 'error services.web.balancer.path at api: must be a path that begins with /, or a list of them, and is the text "api"'],
    ['a port out of range', 'balancer: {port: 80800}', 'error services.web.balancer.port at 80800: must be at most 65535, and is the number 80800'],
    ['a service without a port', 'balancer: {host: a.com}', 'error services.web.balancer.port at balancer: port is missing'],
    ['a cookie with a blank', 'balancer: {port: 80, cookie: my cookie}', 'error services.web.balancer.cookie at my: must be true, the name of a cookie, or a map with name, mode and options, and is the text "my cookie" (a name has no blanks, = and ;)'],
    ['a weight without end', 'balancer: {port: 80, weight: 1000}', 'error services.web.balancer.weight at 1000: must be at most 256, and is the number 1000'],
    ['a way to balance that is none', 'balancer: {port: 80, balance: fair}', "error services.web.balancer.balance at fair: must be one of HAProxy's ways, and is the text \"fair\" (roundrobin, leastconn, source, first, random, uri, url_param NAME, hdr(NAME))"],
    ['a key that is none', 'balancer: {port: 80, hots: a.com}', 'error services.web.balancer.hots at hots: "hots" is not a key of balancer (did you mean host?)'],
    ['a page for no status', 'balancer: {port: 80, error_pages: {404: x}}', 'error services.web.balancer.error_pages at error_pages: must be 400, 403, 408, 429, 500, 502, 503 or 504, and is the text "404"'],
    ['tcp and paths', 'balancer: {port: 80, mode: tcp, path: /}', 'error services.web.balancer.path at path: path says nothing with mode tcp (mode: http, or leave it out)'],
    ['a port that http has not', 'balancer: {port: 80, external_port: 81}', 'error services.web.balancer.external_port at external_port: external_port says nothing with mode http (mode: tcp, or leave it out)'],
    ['a host without TLS', 'balancer: {port: 80, mode: tcp, host: a.com}', 'error services.web.balancer.host at host: host says nothing with mode tcp unless TLS says which one is asked for (tls: passthrough, or tls: terminate)'],
    ['tls: auto for whatever is asked for', 'balancer: {port: 80, tls: auto}', 'error services.web.balancer.tls at tls: tls: auto needs hosts: a certificate is made out to them (host: shop.example.com)'],
    ['tls: auto for a wildcard', 'balancer: {port: 80, tls: auto, host: ["*.a.com"]}', "error services.web.balancer.host at host: no authority issues a certificate for *.a.com by itself (kontenactl certificate request '*.a.com', and certificates: of the balancer)"],
    ['tls: auto for a name that nobody knows', 'balancer: {port: 80, tls: auto, host: db}', 'error services.web.balancer.host at host: no authority issues a certificate for db by itself (a name that the world knows; like shop.example.com)'],
    ['tls: auto of tcp', 'balancer: {port: 80, mode: tcp, tls: auto, host: a.com}', 'error services.web.balancer.tls at tls: tls: auto says nothing with mode tcp (tls: terminate, or tls: passthrough)'],
    ['tls: passthrough of http', 'balancer: {port: 80, tls: passthrough}', 'error services.web.balancer.tls at tls: tls: passthrough says nothing with mode http (tls: auto, mode: tcp, or leave it out)'],
    ['a certificate without a name inside', 'certificates: [a.com]', 'error services.web.certificates[0] at a.com: must be a mapping ({subject: a.com, name: SSL_CERTS, type: env}; a name alone is enough of a balancer)'],
    ['settings of a balancer', 'load_balancer: {http2: false}', 'error services.web.load_balancer at load_balancer: load_balancer says how a balancer serves, and service "web" is none (balancer: says how it is served; a balancer has image: kontena/lb, or role: load-balancer)'],
    ['a section of its own', 'balancer: {port: 80, custom_settings: "listen mine\\nbind :81"}', 'error services.web.balancer at balancer: custom setting "listen mine" would begin another section of the configuration (a service has lines for its own backend alone)'],
    ['hosts in a variable', 'environment: {KONTENA_LB_VIRTUAL_HOSTS: "a.com,b com"}', 'error services.web.environment.KONTENA_LB_VIRTUAL_HOSTS at KONTENA_LB_VIRTUAL_HOSTS: KONTENA_LB_VIRTUAL_HOSTS must be the name of a host, and is the text "b com" (like shop.example.com or *.example.com, without https:// and port)'],
    ['a port in a variable', 'environment: [KONTENA_LB_INTERNAL_PORT=80x]', 'error services.web.environment.KONTENA_LB_INTERNAL_PORT at KONTENA_LB_INTERNAL_PORT=80x: KONTENA_LB_INTERNAL_PORT must be a whole number, and is the text "80x"'],
    ['a cookie in a variable', 'environment: [KONTENA_LB_COOKIE=my cookie]', "error services.web.environment.KONTENA_LB_COOKIE at KONTENA_LB_COOKIE=my: KONTENA_LB_COOKIE must be an option of HAProxy's cookies, and is the text \"cookie\" (indirect, nocache, postonly, preserve, httponly, secure, dynamic, domain NAME, maxidle TIME, maxlife TIME, attr TEXT)"],
    ['a variable that is none', 'environment: [KONTENA_LB_VIRTUAL_HOST=a.com]', 'warning services.web.environment.KONTENA_LB_VIRTUAL_HOST at KONTENA_LB_VIRTUAL_HOST=a.com: KONTENA_LB_VIRTUAL_HOST has no effect: it is no variable of a service that is balanced (did you mean KONTENA_LB_VIRTUAL_HOSTS?)'],
  ])('%s', async (_what, keys, expected) => expect(await web(keys)).toEqual([expected]));

  test('a service that links to no balancer', async () => {
    expect(await said('  web: {image: a, balancer: {port: 80}}\n')).toEqual(['error services.web.balancer at balancer: service "web" is served by no balancer: it links to none (links: [lb], or [STACK/SERVICE] for a balancer of another stack)']);
  });

  test.each<[what: string, one: string, other: string, expected: readonly string[]]>([
    ['one host and path', 'balancer: {port: 80, host: a.com}', 'environment: {KONTENA_LB_VIRTUAL_HOSTS: A.com}', ['error services.two.balancer at two: services "one" and "two" both claim a.com/ of shop/lb (another host or path for one of them, or a weight for both)']],
    ['all requests', 'env_file: []', 'balancer: {port: 80}', ['error services.two.balancer at balancer: services "one" and "two" both claim */ of shop/lb (another host or path for one of them, or a weight for both)']],
    ['one port', 'balancer: {port: 80, mode: tcp}', 'balancer: {port: 81, mode: tcp}', ['error services.two.balancer at balancer: services "one" and "two" both claim port 5000 of shop/lb (another host or path for one of them, or a weight for both)']],
    ["the balancer's own port", 'balancer: {port: 80, mode: tcp, external_port: 443}', 'balancer: {port: 80}', ['error services.one.balancer at balancer: port 443 of shop/lb is its own (external_port: another)']],
    ['one host, by weight', 'balancer: {port: 80, host: a.com, weight: 9}', 'balancer: {port: 80, host: a.com, weight: 1}', []],
    ['one host, two paths', 'balancer: {port: 80, host: a.com}', 'balancer: {port: 80, host: a.com, path: /api}', []],
  ])('two services that claim %s', async (_what, one, other, expected) => {
    expect(await said(`  one: {image: a, links: [lb], ${one}}\n  two: {image: a, links: [lb], ${other}}\n`)).toEqual(expected);
  });

  test('all of it at once, be it of one service or of several', async () => {
    const lines = await said('  one: {image: a, links: [lb], environment: {KONTENA_LB_VIRTUAL_PATH: x, KONTENA_LB_BALANCE: fair}}\n  two: {image: a, environment: [KONTENA_LB_EXTERNAL_PORT=0]}\n');
    expect(lines.map((line) => line.split(': ')[0])).toEqual(['error services.one.environment.KONTENA_LB_VIRTUAL_PATH at KONTENA_LB_VIRTUAL_PATH', 'error services.one.environment.KONTENA_LB_BALANCE at KONTENA_LB_BALANCE', 'error services.two.environment.KONTENA_LB_EXTERNAL_PORT at KONTENA_LB_EXTERNAL_PORT=0']);
  });

  test('of a balancer', async () => {
    const lines = await said('  x: {image: kontena/lb, environment: {KONTENA_LB_HEALTH_URI: up, KONTENA_LB_HEALTH_URL: /up}}\n');
    expect(lines).toEqual([
      'error services.x.environment.KONTENA_LB_HEALTH_URI at KONTENA_LB_HEALTH_URI: KONTENA_LB_HEALTH_URI must be a path that begins with /, and is the text "up" (like / or /api)',
      'warning services.x.environment.KONTENA_LB_HEALTH_URL at KONTENA_LB_HEALTH_URL: KONTENA_LB_HEALTH_URL has no effect: it is no variable of a balancer (did you mean KONTENA_LB_HEALTH_URI?)',
    ]);
  });
});
