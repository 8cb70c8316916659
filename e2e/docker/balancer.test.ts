import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { writeFileSync } from 'node:fs';
import { get as getHttp } from 'node:http';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { issueCertificate } from '../../src/testing/issue-certificate.js';
import { type Bed, Cluster, type Engine, eventually, Load, openBed } from './harness/index.js';

let bed: Bed;
let cluster: Cluster;
let image: string;
let haproxy: string;
let edge: Engine;

/** Says what it is on port 8080, slowly where it is asked for /cgi-bin/slow. */
const SPEAK = `busybox mkdir -p /www/cgi-bin
echo "$WORD" > /www/index.html
printf '#!/bin/sh\\necho "Content-Type: text/plain"\\necho\\nbusybox sleep 3\\necho "$WORD, slowly"\\n' > /www/cgi-bin/slow
busybox chmod 755 /www/cgi-bin/slow
trap 'exit 0' TERM
busybox httpd -f -p 8080 -h /www &
wait`;

const deploy = { wait_for_port: 8080, min_health: 0.5, settle: 1 };
const links = ['infra/lb'];
const HOSTS = { web: 'web.example.com', db: 'db.example.com' };

const infra = (more: Readonly<Record<string, unknown>> = {}) => ({
  stack: 'infra',
  services: {
    lb: { image: haproxy, role: 'load-balancer', ports: ['80:80', '443:443', '5000:5000'], affinity: ['node==n1'], deploy: { wait_for_port: 80 }, load_balancer: { health_uri: '/.lb', drain_time: '8s' }, ...more },
  },
});

const shop = (word: string, instances: number, balancer: Readonly<Record<string, unknown>> = {}) => ({
  stack: 'shop',
  services: {
    web: { image, instances, links, environment: [`WORD=web ${word}`], deploy, balancer: { host: HOSTS.web, port: 8080, drain_time: '8s', ...balancer } },
    api: { image, links, environment: ['WORD=api'], deploy, balancer: { host: HOSTS.web, path: '/api', port: 8080 } },
    db: { image, links, environment: ['WORD=db'], deploy, balancer: { mode: 'tcp', tls: 'terminate', host: HOSTS.db, external_port: 5000, port: 8080 } },
  },
});

beforeAll(async () => {
  bed = await openBed(2);
  edge = bed.engines[0]!;
  image = await bed.registry.push(edge, 'speak:1', SPEAK);
  haproxy = await bed.registry.pushProgram(edge, 'haproxy:2.6', '/usr/sbin/haproxy');
  cluster = await Cluster.start(bed);
  await cluster.apply(infra());
  await cluster.apply(shop('1', 2));
}, 180_000);

afterAll(() => bed.close(), 60_000);

/** What a client at the edge gets; the status where that is not 200. */
const page = (name: string, path = '/'): Promise<string | number> =>
  new Promise((resolve, reject) => {
    getHttp({ host: edge.address, path, headers: { host: name }, agent: false, timeout: 20_000 }, (answer) => {
      let body = '';
      answer.on('data', (piece: Buffer) => (body += String(piece)));
      answer.on('end', () => resolve(answer.statusCode === 200 ? body.trim() : answer.statusCode ?? 0));
    }).on('error', reject);
  });

/** The certificate that is shown to who names a host, and the page that is behind it. */
const secure = (port: number, servername: string): Promise<{ readonly subject: string; readonly page: string }> =>
  new Promise((resolve, reject) => {
    const socket = connect({ host: edge.address, port, servername, rejectUnauthorized: false }, () => socket.write(`GET / HTTP/1.0\r\nHost: ${servername}\r\n\r\n`));
    let heard = '';
    socket.on('error', reject);
    socket.on('data', (piece: Buffer) => (heard += String(piece)));
    const subject = () => String(socket.getPeerCertificate().subject.CN);
    let shown = '';
    socket.on('secureConnect', () => (shown = subject()));
    socket.on('end', () => resolve({ subject: shown, page: heard.split('\r\n\r\n').at(-1)?.trim() ?? '' }));
  });

const until = (what: string, path: string, expected: string | number, name = HOSTS.web): Promise<true> =>
  eventually(what, async () => {
    const got = await page(name, path);
    if (got !== expected) throw new Error(`${what}: got ${got}`);
    return true as const;
  });

/** A node gives what it runs of web to the other, and may have work again. */
async function drain(node: string): Promise<void> {
  await cluster.must(['node', 'drain', node]);
  await eventually(`nothing of web is on ${node}`, async () => ((await cluster.instances('shop/web')).every(({ spec }) => spec.node !== node) ? true : undefined), 60_000);
  await cluster.must(['node', 'activate', node]);
}

const reloads = (): Promise<number> => cluster.balancerReloads(edge);

test('serves by host, by path, and what is not http by port', async () => {
  await until('web is served', '/', 'web 1');
  await until('api is served', '/api/', 'api');
  expect(await page('nobody.example.com')).toBe(503);
  expect(await page('any', '/.lb')).toContain('Service ready');
}, 60_000);

test('shows each host its certificate from the vault, and another one without being loaded anew', async () => {
  const write = (name: string, text: string): string => {
    const file = join(bed.directory, name);
    writeFileSync(file, text);
    return file;
  };
  const importNew = async (name: string): Promise<void> => {
    const { certificate, privateKey } = await issueCertificate([name]);
    await cluster.must(['certificate', 'import', write('one.crt', certificate), '--private-key', write('one.key', privateKey)]);
  };
  await importNew(HOSTS.web);
  await importNew(HOSTS.db);
  await cluster.apply(infra({ certificates: [HOSTS.web, HOSTS.db].map((subject) => ({ subject, name: 'SSL_CERTS', type: 'env' })) }));
  await eventually('the certificates are shown', async () => ((await secure(443, HOSTS.web).catch(() => undefined))?.subject === HOSTS.web ? true : undefined));
  expect(await secure(443, HOSTS.web)).toEqual({ subject: HOSTS.web, page: 'web 1' });
  expect(await secure(5000, HOSTS.db)).toEqual({ subject: HOSTS.db, page: 'db' });
  const before = await reloads();
  const serial = async (): Promise<string> => (await edge.inside('sh', ['-c', `echo | openssl s_client -connect ${edge.address}:443 -servername ${HOSTS.web} 2>/dev/null | openssl x509 -noout -fingerprint`])).stdout;
  const old = await serial();
  await importNew(HOSTS.web);
  await eventually('the new certificate is shown', async () => ((await serial()) === old ? undefined : true));
  expect(await reloads()).toBe(before);
}, 90_000);

test('nobody who asks notices that instances are replaced, come and go, leave a node, nor that what is served is loaded anew', async () => {
  const before = await reloads();
  const load = new Load({ host: edge.address, port: 80, securePort: 443, name: HOSTS.web, path: '/' }, 60);
  await cluster.apply(shop('2', 2));
  await cluster.must(['scale', 'shop/web', '4']);
  await cluster.must(['scale', 'shop/web', '2']);
  await drain(bed.engines[1]!.name);
  expect(await reloads()).toBe(before);
  await cluster.apply(shop('2', 2, { redirect_to_https: false, timeouts: { server: '30s' } }));
  await eventually('it is loaded anew', async () => ((await reloads()) > before ? true : undefined));
  await load.stop();
  process.stderr.write(`${load.count} requests, ${load.failed.length} failed: ${JSON.stringify([...load.answers])}\n`);
  expect([load.failed, [...load.answers.keys()].sort()]).toEqual([[], ['web 1', 'web 2']]);
}, 120_000);

test('what is open ends before an instance is stopped', async () => {
  await until('web is served', '/', 'web 2');
  const asked = Array.from({ length: 4 }, () => page(HOSTS.web, '/cgi-bin/slow'));
  await new Promise((resolve) => setTimeout(resolve, 500));
  await cluster.apply(shop('3', 2));
  expect(await Promise.all(asked)).toEqual(Array(4).fill('web 2, slowly'));
  expect(await page(HOSTS.web)).toBe('web 3');
}, 60_000);

test('a mistake in HAProxy\'s own words keeps one service from being served, and no other', async () => {
  await cluster.tryApply(shop('3', 2, { custom_settings: ['fly me to the moon'] }));
  await until('web is not served', '/', 503);
  expect(await page(HOSTS.web, '/api/')).toBe('api');
  await cluster.apply(shop('3', 2));
  await until('web is served again', '/', 'web 3');
}, 60_000);

test('a killed instance is out at once, and a killed balancer comes back', async () => {
  const [victim] = await cluster.instances('shop/web');
  const engine = bed.engines.find(({ name }) => name === victim?.spec.node)!;
  const name = (await engine.running()).find((one) => one.startsWith('shop.web-'))!;
  const load = new Load({ host: edge.address, port: 80, name: HOSTS.web, path: '/' }, 30);
  await engine.docker(['kill', name]);
  await new Promise((resolve) => setTimeout(resolve, 2_000));
  await load.stop();
  expect(load.failed).toEqual([]);
  await edge.docker(['kill', (await edge.running()).find((one) => one.startsWith('infra.lb-'))!]);
  await eventually('it serves again', async () => ((await page(HOSTS.web).catch(() => undefined)) === 'web 3' ? true : undefined), 30_000, 20);
}, 60_000);
