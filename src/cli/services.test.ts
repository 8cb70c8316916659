import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, test } from '@jest/globals';
import { FakeHost, resource } from './fake-host.js';
import { runCommandLine } from './main.js';

const root = mkdtempSync(join(tmpdir(), 'kontena-services-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

let host: FakeHost;
beforeEach(() => {
  const home = mkdtempSync(join(root, 'home-'));
  mkdirSync(join(home, '.config', 'kontena'), { recursive: true });
  writeFileSync(join(home, '.config', 'kontena', 'config.yaml'), 'current: dev\ncontexts:\n  - {name: dev, server: "m:9292", ca: CA, certificate: CERT, key: KEY}\n');
  host = new FakeHost({ home });
  host.master.answer = { revision: 42, warnings: [], differences: [{ kind: 'Service', name: 'todo/web', action: 'update', fields: [{ path: 'state', from: 'running', to: 'stopped' }], replaces: false }] };
});

const run = (line: string): Promise<number> => runCommandLine(line.split(' '), root, host);

describe('what is done with services and stacks', () => {
  test.each(['start', 'stop', 'restart', 'redeploy'])('%s, and followed', async (verb) => {
    expect(await run(`service ${verb} todo/web`)).toBe(0);
    expect(await run(`stack ${verb} todo shop --no-wait`)).toBe(0);
    expect(host.master.asked).toEqual([`${verb} default service todo/web`, 'follow todo 42', `${verb} default stack todo`, `${verb} default stack shop`]);
    expect(host.stdout).toContain('state: running → stopped');
  });

  test('services of one stack are followed once', async () => {
    await run('service stop todo/web service/todo/db');
    expect(host.master.asked).toEqual(['stop default service todo/web', 'stop default service todo/db', 'follow todo 42']);
  });

  test('what is no service is refused before anything is asked', async () => {
    expect(await run('service stop todo')).toBe(2);
    expect([host.master.asked, host.stderr]).toEqual([[], expect.stringContaining('"todo" is not a service: write STACK/SERVICE, like todo/web')]);
  });
});

describe('service update', () => {
  test('asks for what is given', async () => {
    await run('service update todo/web --image web:2 -e A=1 -e B=2 --unset C --instances 3 --no-wait');
    expect(host.master.asked).toEqual(['update default todo/web {"image":"web:2","env":["A=1","B=2"],"unset":["C"],"instances":3}']);
  });

  test('asks for something', async () => {
    expect(await run('service update todo/web')).toBe(2);
    expect(host.stderr).toContain('nothing is to change');
  });
});

describe('service create', () => {
  test('declares a stack of its own, named after the image', async () => {
    await run('service create registry.example.com:5000/acme/web:1.4 --instances 2 -p 80:8080 -e A=$B --stateful --no-wait');
    expect(host.master.applied).toMatchObject([{
      grid: 'default',
      stack: { name: 'web', services: { web: { image: 'registry.example.com:5000/acme/web:1.4', instances: 2, stateful: true, env: ['A=$B'], ports: [{ nodePort: 80, containerPort: 8080 }] } } },
    }]);
  });

  test('leaves a stack of that name alone', async () => {
    host.master.known = [resource('Stack', 'redis')];
    expect(await run('service create redis:7')).toBe(1);
    expect([host.master.applied, host.stderr]).toEqual([[], expect.stringContaining('there is a stack redis already: choose another name with --name')]);
  });

  test('says what is wrong', async () => {
    expect(await run('service create redis:7 -p 80')).toBe(1);
    expect(host.stderr).toContain('services.redis.ports');
  });

  test('writes the stack file where that is wanted, which asks nobody', async () => {
    await run('service create redis:7 --name cache -e A=1 --print');
    expect([host.stdout, host.connected]).toEqual(['stack: cache\nservices:\n  cache:\n    image: redis:7\n    environment:\n      - A=1\n', []]);
  });
});
