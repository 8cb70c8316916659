import { describe, expect, test } from '@jest/globals';
import { programFailure } from './failures.js';
import type { Ended, Runner } from './programs.js';
import { createTunnel, removeTunnel, setPeers } from './tunnels.js';

const done: Ended = { code: 0, out: '', err: '' };
const failed = (err: string): Ended => ({ code: 2, out: '', err });

/** A machine where some commands fail; what was run on it. */
function machine(fails: Readonly<Record<string, string>> = {}) {
  const ran: string[] = [];
  const run: Runner['run'] = (program, args) => {
    const command = [program, ...args].join(' ');
    ran.push(command);
    const err = Object.entries(fails).find(([begin]) => command.startsWith(begin))?.[1];
    return Promise.resolve(err === undefined ? done : failed(err));
  };
  const must: Runner['must'] = async (program, args) => {
    const { code, out, err } = await run(program, args);
    if (code !== 0) throw programFailure([program, ...args].join(' '), err);
    return out;
  };
  return { ran, programs: { run, must } };
}

describe('a tunnel', () => {
  test('is the kernel\'s where the kernel has WireGuard, and no other program is started', async () => {
    const { ran, programs } = machine();
    await createTunnel(programs, 'kw-1');
    expect(ran).toEqual(['ip link add kw-1 type wireguard']);
  });

  test('that is there stays', async () => {
    const { ran, programs } = machine({ 'ip link add': 'RTNETLINK answers: File exists' });
    await createTunnel(programs, 'kw-1');
    expect(ran).toEqual(['ip link add kw-1 type wireguard']);
  });

  test.each(['Error: Unknown device type.', 'RTNETLINK answers: Operation not supported'])('is wireguard-go\'s where the kernel says "%s"', async (said) => {
    const { ran, programs } = machine({ 'ip link add': said });
    await createTunnel(programs, 'kw-1');
    expect(ran).toEqual(['ip link add kw-1 type wireguard', 'wireguard-go kw-1']);
  });

  test('is neither where the agent may not make one: wireguard-go could not either', async () => {
    const { ran, programs } = machine({ 'ip link add': 'RTNETLINK answers: Operation not permitted' });
    await expect(createTunnel(programs, 'kw-1')).rejects.toMatchObject({ code: 'KON_NETWORK_FORBIDDEN' });
    expect(ran).toEqual(['ip link add kw-1 type wireguard']);
  });

  test('goes by its interface, whoever made it; one that is gone is left so', async () => {
    const { ran, programs } = machine({ 'ip link delete': 'Cannot find device "kw-1"' });
    await removeTunnel(programs, 'kw-1');
    expect(ran).toEqual(['ip link delete kw-1']);
  });
});

test('a peer that is dialled is greeted, and then kept open only where that is wished; those that are gone go first', async () => {
  const { ran, programs } = machine();
  await setPeers(programs, 'kw-1', [{ publicKey: 'A', endpoint: '[2001:db8::2]:51820', allowed: ['10.81.2.0/24'], keepaliveSeconds: 0 }], ['B']);
  expect(ran).toEqual([
    'wg set kw-1 peer B remove peer A endpoint [2001:db8::2]:51820 persistent-keepalive 0 peer A allowed-ips 10.81.2.0/24 persistent-keepalive 25 peer A allowed-ips 10.81.2.0/24 persistent-keepalive 0',
  ]);
});
