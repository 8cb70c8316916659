import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createSocket, type Socket } from 'node:dgram';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import packet from 'dns-packet';
import type { Proof } from '../model/index.js';
import { proofShower } from './index.js';

let directory: string;
let names: Socket;
let web: Server;
let resolvers: readonly string[];
let httpPort: number;
beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'kontena-shower-'));
  names = createSocket('udp4', (bytes, from) => {
    const { id, questions = [] } = packet.decode(bytes);
    const [{ name, type }] = questions as [{ name: string; type: string }];
    const answers: packet.Answer[] = name === '_acme-challenge.example.com' && type === 'TXT' ? [{ name, type: 'TXT', data: ['older'] }, { name, type: 'TXT', data: ['val', 'ue'] }]
      : name === 'example.com' && type === 'A' ? [{ name, type: 'A', data: '127.0.0.1' }] : [];
    names.send(packet.encode({ type: 'response', id: id ?? 0, questions, answers, flags: answers.length === 0 ? 3 : 0 }), from.port, from.address);
  });
  await new Promise<void>((resolve) => names.bind(0, '127.0.0.1', resolve));
  web = createServer(({ url, headers }, response) => {
    const isAsked = url === '/.well-known/acme-challenge/token' && headers.host === 'example.com';
    response.writeHead(isAsked ? 200 : 404).end(url?.endsWith('huge') === true ? 'x'.repeat(1_000_000) : 'value\n');
  });
  await new Promise<void>((resolve) => web.listen(0, '127.0.0.1', resolve));
  resolvers = [`127.0.0.1:${String(names.address().port)}`];
  httpPort = (web.address() as AddressInfo).port;
});
afterAll(() => {
  names.close();
  web.close();
  rmSync(directory, { recursive: true });
});

const proof = (over: Partial<Proof> = {}): Proof => ({ name: 'example.com', challenge: 'http-01', token: 'token', answer: 'value', url: 'u', ...over });
const isSeen = (one: Proof): Promise<boolean | 'unknown'> => proofShower({ resolvers, httpPort }).isSeen(one);

describe('from where the master is', () => {
  test.each<readonly [string, Partial<Proof>, boolean | 'unknown']>([
    ['an answer', {}, true], ['another answer', { answer: 'other' }, false], ['no answer', { token: 'nope' }, false], ['far too long an answer', { token: 'huge' }, false], ['a name that nobody knows', { name: 'nowhere.example' }, 'unknown'],
    ['a record in parts among others', { challenge: 'dns-01' }, true], ['another record', { challenge: 'dns-01', answer: 'other' }, false], ['no record', { challenge: 'dns-01', name: 'nowhere.example' }, false],
  ])('%s is seen as it is', async (_title, over, seen) => {
    expect(await isSeen(proof(over))).toBe(seen);
  });

  test('a web server that is away is not seen', async () => {
    expect(await proofShower({ resolvers, httpPort: 1 }).isSeen(proof())).toBe(false);
  });
});

describe('a program that sets records', () => {
  const program = (text: string): string => {
    const path = join(directory, `hook-${String(text.length)}`);
    writeFileSync(path, `#!/bin/sh\n${text}\n`);
    chmodSync(path, 0o700);
    return path;
  };

  test('is told what to add and to remove, in words that no shell reads', async () => {
    const log = join(directory, 'log');
    const shower = proofShower({ dnsHook: program(`echo "$@" >> ${log}`) });
    const one = proof({ challenge: 'dns-01', answer: '$(reboot)' });
    await shower.show(one);
    await shower.hide(one);
    await shower.show(proof());
    expect(readFileSync(log, 'utf8')).toBe('add _acme-challenge.example.com $(reboot)\nremove _acme-challenge.example.com $(reboot)\n');
  });

  test('that fails is quoted', async () => {
    const failing = proofShower({ dnsHook: program('echo "no such zone" >&2; exit 3') }).show(proof({ challenge: 'dns-01' }));
    await expect(failing).rejects.toMatchObject({ code: 'KON_DNS_HOOK_FAILED', message: expect.stringMatching(/add _acme-challenge\.example\.com failed: no such zone$/) });
    await expect(proofShower({ dnsHook: join(directory, 'nothing') }).show(proof({ challenge: 'dns-01' }))).rejects.toMatchObject({ code: 'KON_DNS_HOOK_FAILED', message: expect.stringContaining('ENOENT') });
  });
});
