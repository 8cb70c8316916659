import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { get } from 'node:http';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Pebble } from './certificates/pebble.js';
import { type Bed, Cluster, eventually, must, openBed } from './harness/index.js';

const KEY = 'zWNDZM6eQGHWpSRTPal5eIUYFTu7EajVIoguysqZ9wG44nMEtx3MUAsUDkMTQ12W';

/** A program that sets the records of one name, and leaves those of others to people. */
const HOOK = `#!/bin/sh
[ "$2" = _acme-challenge.hooked.example ] || exit 0
case $1 in
  add) curl -sSf -d "{\\"host\\":\\"$2.\\",\\"value\\":\\"$3\\"}" NAMES/set-txt ;;
  remove) curl -sSf -d "{\\"host\\":\\"$2.\\"}" NAMES/clear-txt ;;
esac
`;

/** Says hello on port 8080. */
const PAGE = `busybox mkdir -p /www
echo hello > /www/index.html
trap 'exit 0' TERM
busybox httpd -f -p 8080 -h /www &
wait`;

let bed: Bed;
let pebble: Pebble;
/** Another, which issues to accounts that it knows alone. */
let bound: Pebble;
let cluster: Cluster;

beforeAll(async () => {
  bed = await openBed(2);
  pebble = await Pebble.start(join(bed.directory, 'pebble'), { address: bed.hostAddress, env: { PEBBLE_WFE_NONCEREJECT: '20' } });
  await pebble.leadTo(addressOf(0));
  bound = await Pebble.start(join(bed.directory, 'bound'), { address: bed.hostAddress, firstPort: 14_100, externalAccounts: { 'kid-1': KEY } });
  await bound.leadTo(addressOf(0));
  const hook = join(bed.directory, 'hook');
  writeFileSync(hook, HOOK.replaceAll('NAMES', pebble.namesControl));
  chmodSync(hook, 0o700);
  const trusted = join(bed.directory, 'trusted.pem');
  writeFileSync(trusted, [pebble, bound].map(({ ca }) => readFileSync(ca, 'utf8')).join(''));
  cluster = await Cluster.start(bed, { args: ['--acme-resolver', pebble.names, '--dns-hook', hook], env: { NODE_EXTRA_CA_CERTS: trusted } });
}, 90_000);

afterAll(async () => {
  pebble.stop();
  bound.stop();
  await bed.close();
}, 60_000);

const addressOf = (index: number): string => bed.engines[index]?.settings.address ?? '';
const nodeOf = (index: number): string => bed.engines[index]?.name ?? '';

interface Shown {
  readonly spec: { readonly expiresAt?: string };
  readonly status: { readonly phase: string; readonly version?: number; readonly reason?: string; readonly records?: readonly { readonly name: string; readonly value: string }[] };
}
const shown = async (name: string): Promise<Shown> => JSON.parse(await cluster.must(['get', 'certificate', name, '-o', 'json'])) as Shown;

/** What OpenSSL says of a certificate of the vault, checked up to the root of the authority. */
async function verified(name: string): Promise<string> {
  const [bundle, root] = [join(bed.directory, 'bundle.pem'), join(bed.directory, 'root.pem')];
  writeFileSync(bundle, await cluster.must(['certificate', 'export', name]));
  writeFileSync(root, await pebble.root());
  expect(await must('openssl', ['verify', '-CAfile', root, '-untrusted', bundle, bundle])).toContain('OK');
  return must('openssl', ['x509', '-in', bundle, '-noout', '-ext', 'subjectAltName']);
}

/** The serial number of the certificate that whoever asks for a name is shown, if it is made out to it alone. */
const serialServed = (host: string, servername: string): Promise<string | undefined> =>
  new Promise((resolve) => {
    const socket = connect({ host, port: 443, servername, rejectUnauthorized: false }, () => {
      const { serialNumber, subjectaltname } = socket.getPeerCertificate();
      socket.destroy();
      resolve(subjectaltname === `DNS:${servername}` ? serialNumber : undefined);
    });
    socket.on('error', () => resolve(undefined));
  });

/** What is got from a host without TLS; the status where that is not 200. */
const pageOf = (host: string, name: string): Promise<string | number> =>
  new Promise((resolve, reject) => {
    get({ host, path: '/', headers: { host: name }, agent: false, timeout: 20_000 }, (answer) => {
      let body = '';
      answer.on('data', (piece: Buffer) => (body += String(piece)));
      answer.on('end', () => resolve(answer.statusCode === 200 ? body.trim() : answer.statusCode ?? 0));
    }).on('error', reject);
  });

test('a node answers the authority, the certificate is in the vault, and nothing listens on the node before and after', async () => {
  const listening = async (): Promise<boolean> => (await must('nsenter', [`--net=/run/netns/${bed.engines[0]?.settings.namespace ?? ''}`, 'ss', '-ltn'])).includes(':80 ');
  expect(await listening()).toBe(false);
  const printed = await cluster.must(['certificate', 'request', 'shop.example', 'www.shop.example', '--directory', pebble.directory, '--answer-on', nodeOf(0)]);
  expect(printed).toContain('certificate/shop.example is there, until ');
  expect(await verified('shop.example')).toMatch(/DNS:shop\.example, DNS:www\.shop\.example/);
  expect(await shown('shop.example')).toMatchObject({ status: { phase: 'issued', version: 1 } });
  await eventually('nothing listens any more', async () => ((await listening()) ? undefined : true));
}, 60_000);

test('asked again, nothing is ordered; with --renew another one is', async () => {
  const again = ['certificate', 'request', 'shop.example', 'www.shop.example', '--directory', pebble.directory, '--answer-on', nodeOf(0)];
  expect(await cluster.must(again)).toMatch(/requested so already\n.*is there/);
  expect((await shown('shop.example')).status.version).toBe(1);
  await cluster.must([...again, '--renew']);
  expect((await shown('shop.example')).status.version).toBe(2);
}, 60_000);

test('what the authority refuses is told in its own words, and tried again when asked', async () => {
  const ask = ['certificate', 'request', 'lost.example', '--directory', pebble.directory, '--answer-on', nodeOf(1)];
  const { code, stdout } = await cluster.ctl(ask);
  expect([code, stdout]).toEqual([1, expect.stringMatching(/certificate\/lost\.example is not issued: lost\.example: .*connection refused/)]);
  expect(await cluster.must(['get', 'certificates'])).toMatch(/lost\.example +failed .*connection refused/);
  await pebble.leadTo(addressOf(1));
  expect(await cluster.must(ask)).toContain('certificate/lost.example is there');
}, 60_000);

test('a wildcard is proved by records, which are shown and waited for', async () => {
  const refused = await cluster.ctl(['certificate', 'request', '*.wild.example', '--challenge', 'http-01', '--answer-on', nodeOf(0)]);
  expect([refused.code, refused.stderr]).toEqual([1, expect.stringContaining('*.wild.example stands for names that nobody can visit')]);
  await cluster.must(['certificate', 'request', '*.wild.example', '--directory', pebble.directory, '--no-wait']);
  const records = await eventually('the record is shown', async () => (await shown('*.wild.example')).status.records);
  expect(records).toEqual([{ name: '_acme-challenge.wild.example', type: 'TXT', value: expect.stringMatching(/^[\w-]{43}$/) }]);
  for (const { name, value } of records) await pebble.setRecord(name, value);
  await eventually('it is issued', async () => ((await shown('*.wild.example')).status.phase === 'issued' ? true : undefined));
  expect(await verified('*.wild.example')).toContain('DNS:*.wild.example');
}, 60_000);

test('records are set by a program of the master, and taken back', async () => {
  expect(await cluster.must(['certificate', 'request', '*.hooked.example', 'hooked.example', '--directory', pebble.directory])).toContain('certificate/*.hooked.example is there');
  expect(await must('dig', ['+short', `@${bed.hostAddress}`, '-p', pebble.names.split(':')[1] ?? '', '_acme-challenge.hooked.example', 'TXT'])).toBe('');
}, 60_000);

test('an authority that issues to accounts of its own is shown the key of one', async () => {
  const ask = ['certificate', 'request', 'bound.example', '--directory', bound.directory, '--answer-on', nodeOf(0)];
  expect(await cluster.ctl(ask)).toMatchObject({ code: 1, stdout: expect.stringMatching(/not issued: .*externalAccountBinding/) });
  await cluster.must(['vault', 'write', 'bound-key', KEY]);
  expect(await cluster.must([...ask, '--key-id', 'kid-1', '--key-secret', 'bound-key'])).toContain('certificate/bound.example is there');
}, 60_000);

test('a load balancer answers the authority, and serves what is issued and renewed', async () => {
  const edge = bed.engines[1]!;
  const image = await bed.registry.pushProgram(edge, 'haproxy:2.6', '/usr/sbin/haproxy');
  const infra = (certificates: readonly string[]) => ({
    stack: 'infra',
    services: { lb: { image, role: 'load-balancer', ports: ['80:80', '443:443'], affinity: [`node==${edge.name}`], deploy: { wait_for_port: 80 }, certificates, load_balancer: { acme: { directory: pebble.directory } } } },
  });
  await cluster.apply(infra([]));
  await pebble.leadTo(addressOf(1));
  const ask = ['certificate', 'request', 'served.example', '--directory', pebble.directory];
  expect(await cluster.must(ask)).toContain('certificate/served.example is there');
  await cluster.apply(infra(['served.example']));
  const serial = (): Promise<string | undefined> => serialServed(addressOf(1), 'served.example');
  const first = await eventually('the certificate is served', serial);
  const before = await cluster.instances('infra/lb');
  await cluster.must([...ask, '--renew']);
  await eventually('the renewed one is served', async () => ((await serial()) === first ? undefined : true));
  expect((await cluster.instances('infra/lb')).map(({ name }) => name)).toEqual(before.map(({ name }) => name));
}, 120_000);

test('a host that is to have a certificate by itself has one, and why not until then is said', async () => {
  const web = { image: await bed.registry.push(bed.engines[0]!, 'page:1', PAGE), links: ['infra/lb'], deploy: { wait_for_port: 8080 } };
  const balancer = { host: 'auto.example', port: 8080, tls: 'auto', redirect_to_https: true };
  await pebble.leadTo(addressOf(0)); // where nobody listens
  await cluster.apply({ stack: 'site', services: { web: { ...web, balancer } } });
  await eventually('it says what is missing', async () => (/auto\.example has no certificate yet/.test(await cluster.must(['describe', 'route', 'site/web'])) ? true : undefined));
  expect(await pageOf(addressOf(1), 'auto.example')).toBe('hello');
  await pebble.leadTo(addressOf(1));
  await cluster.ctl(['certificate', 'request', 'auto.example', '--directory', pebble.directory]); // what failed meanwhile is tried at once
  await eventually('its certificate is served', () => serialServed(addressOf(1), 'auto.example'));
  expect(await cluster.must(['describe', 'route', 'site/web'])).toMatch(/until 20\d\d-/);
  await eventually('who comes without TLS is sent there', async () => ((await pageOf(addressOf(1), 'auto.example')) === 308 ? true : undefined));
}, 120_000);

test('a master that is killed while it orders goes on where it was', async () => {
  await pebble.leadTo(addressOf(0));
  const names = Array.from({ length: 10 }, (_, index) => `host-${index}.example`);
  for (const name of names) await cluster.must(['certificate', 'request', name, '--directory', pebble.directory, '--answer-on', nodeOf(0), '--no-wait']);
  await cluster.killMaster();
  await cluster.startMaster();
  await eventually('all are issued', async () => {
    const table = await cluster.must(['get', 'certificates', '-o', 'wide']);
    if (names.every((name) => new RegExp(`^${name} +issued .* 1 +http-01`, 'm').test(table))) return true; // the first version, and no second one
    throw new Error(table);
  }, 60_000, 1_000);
}, 120_000);
