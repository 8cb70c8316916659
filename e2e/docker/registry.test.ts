import { chmodSync, cpSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type Bed, Cluster, type Engine, type Ended, eventually, filesOf, openBed, start } from './harness/index.js';

const HOST = 'registry.default.kontena.local';
const KEY = 'S3RVER';
/** As an image of the registry has it; the stack's environment says the rest. */
const CONFIG = 'version: 0.1\nlog: {level: warn}\nstorage:\n  cache: {blobdescriptor: inmemory}\nhttp: {addr: ":5000"}\n';

let bed: Bed;
let cluster: Cluster;
let image: string;
beforeAll(async () => {
  bed = await openBed(3, { hasOwnFiles: true });
  image = await bed.registry.pushProgram(bed.engines[0]!, 'registry:2', '/usr/bin/docker-registry', {
    'bin/registry': { link: '/usr/bin/docker-registry' }, ...Object.fromEntries(['cat', 'rm', 'sleep'].map((name) => [`bin/${name}`, { link: 'busybox' }])),
    'etc/docker/registry/config.yml': { text: CONFIG }, 'tmp/here': { text: '' },
  });
  mkdirSync(join(bed.directory, 's3'));
  start(process.execPath, [resolve('e2e/docker/registries/s3.mjs'), join(bed.directory, 's3'), bed.hostAddress, '9500', 'images'], join(bed.directory, 's3.log'));
  cluster = await Cluster.start(bed);
  await eventually('S3 answers', async () => (await fetch(`http://${bed.hostAddress}:9500/`)).status);
}, 120_000);

afterAll(async () => {
  await cluster.stop();
  await bed.close();
}, 120_000);

/** docker of a node, as whoever logged in. */
const docker = (engine: Engine, ...args: readonly string[]): Promise<string> => engine.docker(args, { env: { ...process.env, DOCKER_CONFIG: join(cluster.home, '.docker') } });

async function build(engine: Engine, name: string, words: string): Promise<void> {
  const context = join(bed.directory, 'context');
  mkdirSync(context, { recursive: true });
  cpSync('/bin/busybox', join(context, 'busybox'));
  writeFileSync(join(context, 'run.sh'), `#!/busybox sh\ntrap 'exit 0' TERM\necho ${words}\nwhile true; do /busybox sleep 3600 & wait; done\n`);
  chmodSync(join(context, 'run.sh'), 0o755);
  writeFileSync(join(context, 'Dockerfile'), 'FROM scratch\nCOPY busybox /busybox\nCOPY run.sh /run.sh\nCMD ["/run.sh"]\n');
  await engine.docker(['build', '-q', '-t', name, context], { env: { ...process.env, DOCKER_BUILDKIT: '0' } });
}

interface Listed {
  readonly items: readonly { readonly repository: string; readonly tag: string; readonly sizeBytes: number }[];
}
const listed = async (): Promise<readonly string[]> => (JSON.parse(await cluster.must(['registry', 'list', '-o', 'json'])) as Listed).items.map(({ repository, tag }) => `${repository}:${tag}`);

const hostsOf = ({ files }: Engine): string => readFileSync(files?.hosts ?? '', 'utf8');

async function create(...args: readonly string[]): Promise<Ended> {
  return cluster.ctl(['registry', 'create', '--image', image, ...args]);
}

test('what cannot be is refused in a sentence, and nothing is made', async () => {
  const keys = ['--s3-access-key', KEY, '--s3-secret-key', KEY, '--s3-endpoint', `http://${bed.hostAddress}:9500`];
  const refusals = await Promise.all([
    create('--node', 'n9'),
    create('--s3-bucket', 'nothing', ...keys),
    create('--s3-bucket', 'images', '--s3-access-key', 'nobody', '--s3-secret-key', KEY, '--s3-endpoint', `http://${bed.hostAddress}:9500`),
    create('--s3-bucket', 'images', '--s3-access-key', KEY, '--s3-secret-key', KEY, '--s3-endpoint', `http://${bed.hostAddress}:9501`),
  ]);
  expect(refusals.map(({ code }) => code)).toEqual([1, 1, 1, 1]);
  expect(refusals.map(({ stderr }) => stderr.split('\n')[0])).toEqual([
    'error: there is no node n9 in grid default; did you mean n1?',
    'error: the bucket nothing cannot be used: there is no such bucket',
    'error: the bucket images cannot be used: the access key is not known',
    `error: ${bed.hostAddress}:9501 does not answer: nothing listens at ${bed.hostAddress}:9501`,
  ]);
  for (const kind of ['stacks', 'secrets', 'certificates']) expect(await cluster.must(['get', kind, '-o', 'name'])).toBe('');
}, 120_000);

test('a registry is there in one command, and every engine finds and trusts it without a restart', async () => {
  const made = await create('--node', 'n1');
  expect(made).toMatchObject({ code: 0, stderr: '' });
  expect(made.stdout).toContain(`The registry of grid default is ${HOST}`);
  for (const engine of bed.engines) await eventually(`${engine.name} knows the registry`, () => (hostsOf(engine).includes(` ${HOST} # kontena-`) ? true : undefined));
  expect(await create()).toMatchObject({ code: 1, stderr: expect.stringContaining('has a stack registry already') });

  await cluster.must(['registry', 'login']);
  for (const engine of bed.engines) {
    const name = `${HOST}/todo:${engine.name}`;
    await build(engine, name, engine.name);
    await docker(engine, 'push', '-q', name);
  }
  for (const engine of bed.engines) for (const other of bed.engines) if (other !== engine) await docker(engine, 'pull', '-q', `${HOST}/todo:${other.name}`);
  expect(await listed()).toEqual(['todo:n1', 'todo:n2', 'todo:n3']);
  expect(await cluster.must(['registry', 'list'])).toMatch(/^REPOSITORY +TAG +SIZE +MADE +DIGEST\ntodo +n1 +\d+\.\d MB/);
  await expect(bed.engines[1]!.docker(['pull', `${HOST}/todo:n1`], { env: { ...process.env, DOCKER_CONFIG: join(bed.directory, 'nobody') } })).rejects.toThrow(/no basic auth credentials|unauthorized/);
}, 240_000);

test('a stack file names it registry/…, is built and pushed to it, and its nodes are told the password', async () => {
  const folder = join(cluster.home, 'todo');
  mkdirSync(folder);
  for (const file of ['busybox', 'run.sh', 'Dockerfile']) cpSync(join(bed.directory, 'context', file), join(folder, file));
  writeFileSync(join(folder, 'kontena.yml'), 'stack: todo\nservices:\n  web:\n    image: registry/web:1.4\n    build: .\n    instances: 3\n    deploy: {strategy: daemon}\n    environment: [A=1]\n'.replace('    instances: 3\n', ''));
  const built = await cluster.ctl(['stack', 'build', '--no-pull'], { cwd: folder, env: { ...process.env, KONTENA_CONFIG: join(cluster.home, 'config.yaml'), HOME: cluster.home, DOCKER_HOST: bed.engines[0]!.socket, DOCKER_BUILDKIT: '0' } });
  expect(built).toMatchObject({ code: 0 });
  await cluster.must(['apply', '-f', join(folder, 'kontena.yml')], { timeoutMs: 180_000 });
  expect(await cluster.untilRunning('todo/web', 3)).toHaveLength(3);
  expect(await bed.engines[2]!.docker(['inspect', '-f', '{{.Config.Image}}', (await bed.engines[2]!.running()).find((name) => name.startsWith('todo.web'))!])).toContain(`${HOST}/web:1.4`);
}, 240_000);

test('old images go, but for those that services run, and the registry serves on', async () => {
  const [engine] = bed.engines as [Engine];
  for (const tag of ['2', '3']) {
    await build(engine, `${HOST}/web:${tag}`, tag);
    await docker(engine, 'push', '-q', `${HOST}/web:${tag}`);
  }
  const before = sizeOfBlobs();
  const pruned = await cluster.must(['registry', 'prune', '--keep', '1', '--yes'], { timeoutMs: 120_000 });
  expect(pruned).toMatch(/todo:n\d is removed\ntodo:n\d is removed\nweb:2 is removed\n\d+ pieces that no image needs are freed/);
  expect(await eventually('the registry answers again', () => listed())).toEqual(['todo:n3', 'web:1.4', 'web:3']);
  expect(sizeOfBlobs()).toBeLessThan(before);
}, 240_000);

/** Files of the layers on n1's disk. */
function sizeOfBlobs(): number {
  const [volume = ''] = readdirSync(join(bed.engines[0]!.settings.directory, 'data', 'volumes')).filter((name) => name.startsWith('registry.api'));
  return readdirSync(join(bed.engines[0]!.settings.directory, 'data', 'volumes', volume, '_data', 'docker', 'registry', 'v2', 'blobs'), { recursive: true }).filter((path) => String(path).endsWith('data')).length;
}

test('the node of the registry is lost and comes back: its images are there; a master that ends meanwhile changes nothing', async () => {
  const [engine] = bed.engines as [Engine];
  await cluster.killMaster();
  await cluster.killAgent(engine);
  await engine.stop();
  await engine.up();
  await cluster.startAgent(engine);
  await eventually('another node pulls without the master', async () => {
    await docker(bed.engines[1]!, 'pull', '-q', `${HOST}/web:3`);
    return true;
  }, 90_000);
  await cluster.startMaster();
  await cluster.untilOnline(3);
  expect(await eventually('the registry answers', () => listed())).toEqual(['todo:n3', 'web:1.4', 'web:3']);
}, 240_000);

test('it is removed with its names, its trust and its passwords; and made anew in a bucket', async () => {
  expect(await cluster.ctl(['registry', 'remove'])).toMatchObject({ code: 1, stderr: expect.stringContaining('todo/web runs images of the registry') });
  await cluster.must(['registry', 'remove', '--force']);
  for (const kind of ['secrets', 'certificates']) expect(await cluster.must(['get', kind, '-o', 'name'])).toBe('');
  for (const engine of bed.engines) {
    await eventually(`${engine.name} has forgotten the registry`, () => (hostsOf(engine).includes(HOST) || existsSync(join(engine.files!.certificates, HOST)) ? undefined : true));
  }

  const made = await create('--s3-bucket', 'images', '--s3-access-key', KEY, '--s3-secret-key', KEY, '--s3-endpoint', `http://${bed.hostAddress}:9500`);
  expect(made).toMatchObject({ code: 0 });
  await cluster.must(['registry', 'login']);
  const [engine] = bed.engines as [Engine];
  await eventually('the engine knows both instances', () => (hostsOf(engine).split('\n').filter((line) => line.includes(HOST)).length === 2 ? true : undefined));
  await build(engine, `${HOST}/kept:1`, 'kept');
  await docker(engine, 'push', '-q', `${HOST}/kept:1`);
  await docker(bed.engines[1]!, 'pull', '-q', `${HOST}/kept:1`);
  expect(readdirSync(join(bed.directory, 's3', 'images'), { recursive: true }).length).toBeGreaterThan(3);
}, 240_000);

test('what a reset takes away is what its engine knew of the registry', async () => {
  const engine = bed.engines[2]!;
  await cluster.killAgent(engine);
  const said = await cluster.must(['agent', 'reset', '--data', cluster.agentData(engine), '--docker', engine.socket, ...filesOf(engine), '--yes']);
  expect(said).toContain(`trust in ${HOST}`);
  expect(hostsOf(engine)).toBe('127.0.0.1 localhost\n');
}, 120_000);
