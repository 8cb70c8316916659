import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { programFailure } from './failures.js';
import type { Runner } from './programs.js';
import { LinuxResolver } from './resolver.js';

const SERVER = '127.81.3.4';
const BEFORE = '# by hand\nsearch example.com\nnameserver 192.0.2.1\n';

let directory: string;
let file: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'kontena-resolver-'));
  file = join(directory, 'resolv.conf');
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

const text = (): string => readFileSync(file, 'utf8');

describe('where a file names the servers', () => {
  const programs: Runner = { run: () => Promise.reject(new Error('no program is needed')), must: () => Promise.reject(new Error('no program is needed')) };
  const resolver = (tunnel = 'kw-1'): LinuxResolver => new LinuxResolver({ programs, tunnel, file });

  test('ours comes first, once, and goes without a trace; the file stays the same one', async () => {
    writeFileSync(file, BEFORE);
    chmodSync(file, 0o644);
    const { ino } = statSync(file);
    await resolver().use(SERVER);
    await resolver().use(SERVER);
    expect(text()).toMatch(new RegExp(`^# kontena kw-1: .*\nnameserver ${SERVER}\n${BEFORE}$`));
    expect(await resolver().leave()).toBe(`lines of ${file}`);
    expect([text(), statSync(file).ino, statSync(file).mode & 0o777]).toEqual([BEFORE, ino, 0o644]);
    expect(await resolver().leave()).toBeUndefined();
  });

  test('of two nodes of one machine each knows its own lines, also where its address is another by now', async () => {
    writeFileSync(file, BEFORE);
    await resolver('kw-1').use(SERVER);
    await resolver('kw-2').use('127.81.9.9');
    await resolver('kw-1').use('127.81.7.7');
    expect(text().match(/^nameserver .*$/gm)).toEqual(['nameserver 127.81.7.7', 'nameserver 127.81.9.9', 'nameserver 192.0.2.1']);
    await resolver('kw-1').leave();
    await resolver('kw-2').leave();
    expect(text()).toBe(BEFORE);
  });

  test('where somebody else wrote it anew, ours comes first again', async () => {
    writeFileSync(file, BEFORE);
    await resolver().use(SERVER);
    writeFileSync(file, 'nameserver 192.0.2.7\n');
    await resolver().use(SERVER);
    expect(text().match(/^nameserver .*$/gm)).toEqual([`nameserver ${SERVER}`, 'nameserver 192.0.2.7']);
  });

  test('a machine that had no file has none afterwards', async () => {
    expect(await resolver().leave()).toBeUndefined();
    await resolver().use(SERVER);
    expect([text().split('\n')[1], statSync(file).mode & 0o777]).toEqual([`nameserver ${SERVER}`, 0o644]);
    await resolver().leave();
    expect(existsSync(file)).toBe(false);
  });

  test('one that cannot be written is said, with what to do', async () => {
    const unusable = new LinuxResolver({ programs, tunnel: 'kw-1', file: join(directory, 'nowhere', 'resolv.conf') });
    await expect(unusable.use(SERVER)).rejects.toMatchObject({ code: 'KON_RESOLVER_REFUSED', message: expect.stringContaining('nowhere'), remedy: expect.stringContaining('--resolve') });
  });
});

describe('where systemd\'s own server is asked', () => {
  /** What that server keeps of an interface, as its program shows it. */
  class Systemd {
    readonly calls: string[] = [];
    dns = '';
    domain = '';
    isThere = true;

    readonly run: Runner['run'] = (program, args) => {
      const [verb = '', link = '', ...values] = args;
      this.calls.push([program, ...args].join(' '));
      if (!this.isThere) return Promise.resolve({ code: 1, out: '', err: `Failed to resolve interface "${link}": No such device` });
      if (verb === 'revert') [this.dns, this.domain] = ['', ''];
      else if (values.length > 0) this[verb as 'dns' | 'domain'] = values.join(' ');
      return Promise.resolve({ code: 0, out: verb === 'revert' ? '' : `Link 7 (${link}): ${this[verb as 'dns' | 'domain']}\n`, err: '' });
    };

    readonly must: Runner['must'] = async (program, args) => {
      const { code, out, err } = await this.run(program, args);
      if (code !== 0) throw programFailure([program, ...args].join(' '), err);
      return out;
    };
  }

  const stub = '# This is /run/systemd/resolve/stub-resolv.conf\nnameserver 127.0.0.53\noptions edns0 trust-ad\nsearch .\n';

  test('it is told whom to ask for names of grids alone, once, and the file is left as it is', async () => {
    const systemd = new Systemd();
    writeFileSync(file, stub);
    const resolver = new LinuxResolver({ programs: systemd, tunnel: 'kw-1', file });
    await resolver.use(SERVER);
    expect([systemd.dns, systemd.domain, text()]).toEqual([SERVER, '~kontena.local', stub]);
    const said = systemd.calls.length;
    await resolver.use(SERVER);
    expect(systemd.calls.slice(said)).toEqual(['resolvectl dns kw-1', 'resolvectl domain kw-1']);
    expect(await resolver.leave()).toBe('servers of names of kw-1');
    expect([systemd.dns, systemd.domain]).toEqual(['', '']);
    expect(await resolver.leave()).toBeUndefined();
  });

  test('before there is a tunnel it cannot be told; where there never was one, nothing is to be taken back', async () => {
    const systemd = new Systemd();
    systemd.isThere = false;
    writeFileSync(file, stub);
    const resolver = new LinuxResolver({ programs: systemd, tunnel: 'kw-1', file });
    await expect(resolver.use(SERVER)).rejects.toMatchObject({ code: 'KON_NETWORK_REFUSED', message: expect.stringContaining('No such device') });
    expect(await resolver.leave()).toBeUndefined();
  });
});
