import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { issueCertificate } from '../../src/testing/issue-certificate.js';
import { Cluster, eventually, openBed, type Bed } from './harness/index.js';
import { pushImages, type Images } from './images.js';

let bed: Bed;
let cluster: Cluster;
let images: Images;

beforeAll(async () => {
  bed = await openBed(2);
  images = await pushImages(bed);
  cluster = await Cluster.start(bed);
}, 90_000);

afterAll(() => bed.close(), 60_000);

/** What a command prints in the first container of a service. */
const inside = async (service: string, command: string): Promise<string> => {
  for (const engine of bed.engines) {
    const name = (await engine.running()).find((one) => one.startsWith(`${service}-1.`));
    if (name !== undefined) return (await engine.docker(['exec', name, '/bin/sh', '-c', command])).trim();
  }
  throw new Error(`${service} has no container`);
};

const shop = () => ({
  stack: 'shop',
  variables: { password: { type: 'string', from: { vault: 'shop-password', random_string: 32 }, to: { vault: 'shop-password' } } },
  services: {
    web: { image: images.web1, instances: 2, secrets: [{ secret: 'shop-password', name: 'PASSWORD', type: 'env' }, { secret: 'shop-password', name: 'password.txt', type: 'file' }] },
    other: { image: images.web1 },
  },
});

test('what a variable draws by lot is written to the vault, opened in the containers, and found again when applied again', async () => {
  expect(await cluster.apply(shop())).toContain('+ secret shop-password');
  const password = (await cluster.must(['vault', 'read', 'shop-password'])).trim();
  expect(password).toMatch(/^[A-Za-z0-9]{32}$/);
  expect(await inside('shop.web', 'echo $PASSWORD; busybox cat /run/secrets/password.txt')).toBe(`${password}\n${password}`);
  expect(await inside('shop.other', 'echo .$PASSWORD')).toBe('.');

  const before = await cluster.revision();
  const file = join(bed.directory, 'values.yml');
  await cluster.apply(shop());
  expect(await cluster.revision()).toBe(before);
  writeFileSync(join(bed.directory, 'shop.yml'), JSON.stringify(shop()));
  await cluster.must(['stack', 'validate', join(bed.directory, 'shop.yml'), '--online', '--values-to', file]);
  expect(readFileSync(file, 'utf8')).not.toContain(password);
  expect(await cluster.must(['get', 'stack', 'shop', '-o', 'json'])).not.toContain(password);
}, 60_000);

test('the disk of the master does not know it', async () => {
  const password = (await cluster.must(['vault', 'read', 'shop-password'])).trim();
  for (const name of ['store.sqlite', 'store.sqlite-wal']) {
    const file = join(cluster.masterData, name);
    if (existsSync(file)) expect(readFileSync(file).includes(password)).toBe(false);
  }
  expect(readFileSync(join(bed.directory, 'master.log'), 'utf8')).not.toContain(password);
});

test('another value replaces the instances that open it, and no others', async () => {
  const [web, other] = [await cluster.instances('shop/web'), await cluster.instances('shop/other')];
  const { stdout, stderr } = await cluster.ctl(['vault', 'update', 'shop-password'], { input: 'changed\n' });
  expect([stdout, stderr]).toEqual(['secret/shop-password is kept in version 2\n', 'It is opened by shop/web, which is replaced now.\n']);
  await eventually('both instances have the new value', async () => {
    const now = await cluster.instances('shop/web');
    return now.length === 2 && now.every(({ name, status }) => status.phase === 'running' && !web.some((one) => one.name === name)) ? true : undefined;
  });
  expect(await inside('shop.web', 'echo $PASSWORD')).toBe('changed');
  expect((await cluster.instances('shop/other')).map(({ name }) => name)).toEqual(other.map(({ name }) => name));
}, 60_000);

test('what is opened is not removed, and what is not there is refused where it is named', async () => {
  const removal = await cluster.ctl(['vault', 'remove', 'shop-password', '--yes']);
  expect([removal.code, removal.stderr]).toEqual([1, expect.stringContaining('secret shop-password cannot be removed: shop/web opens it')]);
  const refusal = await cluster.tryApply('stack: bad\nservices:\n  web:\n    image: x\n    secrets:\n      - {secret: nope, name: N, type: env}\n');
  expect([refusal.code, refusal.stderr]).toEqual([1, expect.stringMatching(/stdin:6:9 .*secret nope does not exist/)]);
});

test('a certificate is imported and opened with its key', async () => {
  const authority = await issueCertificate(['Test authority']);
  const { certificate, privateKey } = await issueCertificate(['shop.example', 'www.shop.example'], authority);
  const write = (name: string, text: string): string => {
    const file = join(bed.directory, name);
    writeFileSync(file, text);
    return file;
  };
  const files = [write('shop.crt', certificate), '--private-key', write('shop.key', privateKey), '--chain', write('authority.crt', authority.certificate)];
  await cluster.must(['certificate', 'import', ...files]);
  expect(await cluster.must(['certificate', 'export', 'shop.example'])).toBe(certificate + authority.certificate + privateKey);
  await cluster.apply({ stack: 'tls', services: { lb: { image: images.web1, certificates: [{ subject: 'shop.example', name: 'SSL_CERTS', type: 'env' }] } } });
  expect(await inside('tls.lb', 'echo "$SSL_CERTS"')).toBe((certificate + authority.certificate + privateKey).trim());
}, 60_000);

test('a restored master opens what the lost one had sealed', async () => {
  const backup = join(bed.directory, 'backup.tar.gz');
  await cluster.must(['backup', backup]);
  await cluster.killMaster();
  renameSync(cluster.masterData, `${cluster.masterData}.lost`);
  await cluster.must(['restore', backup, '--data', cluster.masterData]);
  await cluster.startMaster();
  await cluster.untilOnline(2);
  expect((await cluster.must(['vault', 'read', 'shop-password'])).trim()).toBe('changed');
  await cluster.must(['scale', 'shop/web', '3']);
  await cluster.untilRunning('shop/web', 3);
}, 90_000);
