import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { descriptionOf } from '../../src/stackfile/index.js';
import { openRegistry, type StackRegistry } from '../../src/stack-registry/index.js';
import { stackRegistryContract } from '../../src/testing/stack-registry-contract.js';

const root = mkdtempSync(join(tmpdir(), 'kontena-oci-'));
let host: string;
let program: ChildProcess;

beforeAll(async () => {
  host = `127.0.0.1:${String(await freePort())}`;
  const settings = { version: '0.1', storage: { filesystem: { rootdirectory: join(root, 'data') } }, http: { addr: host }, log: { level: 'error', accesslog: { disabled: true } } };
  writeFileSync(join(root, 'config.yml'), JSON.stringify(settings));
  program = spawn('docker-registry', ['serve', join(root, 'config.yml')], { stdio: 'ignore' });
  for (let tries = 0; tries < 100 && !(await answers(`http://${host}/v2/`)); tries += 1) await wait(100);
}, 15_000);

afterAll(() => {
  program.kill();
  rmSync(root, { recursive: true, force: true });
});

const open = (): StackRegistry => openRegistry(`oci://${host}/team/stacks`, { directory: root, home: root, env: {}, isInsecure: false, describe: (text) => Promise.resolve(descriptionOf(text)) });

describe('the OCI registry of Debian', () => {
  stackRegistryContract(open);

  test('puts twelve versions in the order of their numbers', async () => {
    const name = { user: 'acme', stack: 'many' };
    const versions = Array.from({ length: 12 }, (_, index) => `1.${String(index)}.0`);
    for (const version of versions) await open().push({ name, version, text: `version: ${version}\n` });
    expect(await open().versions(name)).toEqual(versions.toReversed());
  });
});

const answers = (url: string): Promise<boolean> => fetch(url).then(({ ok }) => ok, () => false);

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as AddressInfo;
  await new Promise<void>((done) => void server.close(() => done()));
  return port;
}
