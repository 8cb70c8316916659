import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { fileLogRings } from '../log-rings/index.js';
import type { Log } from '../ports/index.js';
import { FakeLogRings } from '../testing/fake-log-rings.js';
import { PlatformLog } from './platform-log.js';

const never = new AbortController().signal;

async function read(log: PlatformLog): Promise<readonly string[]> {
  const said: string[] = [];
  for await (const { lines } of log.read({ follow: false, isPrevious: true }, never)) said.push(...lines.map(({ instance, stream, line }) => `${instance} ${stream} ${line}`));
  return said;
}

test('what a program says is on stderr and in its ring, also after it has ended', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'platform-log-'));
  const other: string[] = [];
  const stderr: Log = { info: (message) => void other.push(message), warn: (message) => void other.push(message), error: (message) => void other.push(message) };
  const first = await PlatformLog.open(fileLogRings(directory), 'node/n1', stderr);
  first.info('ready', { port: 1 });
  first.warn('slow\nand more');
  first.error('broken');
  await first.close();
  const second = await PlatformLog.open(fileLogRings(directory), 'node/n1', stderr);
  expect(await read(second)).toEqual(['node/n1 stdout info: ready {"port":1}', 'node/n1 stderr warn: slow and more', 'node/n1 stderr error: broken']);
  expect(other).toEqual(['ready', 'slow\nand more', 'broken']);
  await second.close();
  await rm(directory, { recursive: true });
});

test('a full disk is told of, and holds nothing up', async () => {
  const rings = new FakeLogRings();
  rings.failure = new Error('ENOSPC');
  const other: string[] = [];
  const log = await PlatformLog.open(rings, 'master', { info: (message) => void other.push(message), warn: (message, facts) => void other.push(`${message} ${JSON.stringify(facts)}`), error: () => undefined });
  log.info('ready');
  await log.close();
  expect(other).toEqual(['ready', 'the log of this program is not kept {"reason":"ENOSPC"}']);
  rings.failure = undefined;
  log.info('again');
  await log.close();
  expect(await read(log)).toEqual(['master stdout info: again']);
});
