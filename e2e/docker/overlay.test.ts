import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Bed, eventually, must, openBed, processesWith, run, signal, sleep, start } from './harness/index.js';
import { exchange, introduce, Member, pings, pingsInVain, type Running, within } from './harness/member.js';

let bed: Bed;
let image: string;
let members: readonly [Member, Member];
/** On the first node of the grid: another node of it, and one of another grid, on the same engine. */
let neighbour: Member;
let stranger: Member;
let here: Running;
let beside: Running;
let there: Running;

const all = (): readonly Member[] => [...members, neighbour, stranger];

/** Packets dropped on the first engine; each filter there looks at them, and the first that refuses one counts it. */
async function drops(reason: 'spoofed' | 'foreign'): Promise<number> {
  const counted = await Promise.all([members[0], neighbour, stranger].map((member) => member.drops()));
  return counted.reduce((sum, reasons) => sum + reasons[reason]!, 0);
}

beforeAll(async () => {
  bed = await openBed(2);
  const [first, second] = [bed.engines[0]!, bed.engines[1]!];
  image = await bed.registry.push(first, 'stay:1', "trap 'exit 0' TERM\nwhile true; do busybox sleep 3600 & wait; done");
  members = [new Member(first, { lease: '10.81.1.0/24' }, bed.directory), new Member(second, { lease: '10.81.2.0/24' }, bed.directory)];
  neighbour = new Member(first, { node: 'n1b', lease: '10.81.3.0/24' }, bed.directory);
  stranger = new Member(first, { grid: 'other', subnet: '10.82.0.0/16', lease: '10.82.1.0/24' }, bed.directory);
  for (const member of all()) await member.start();
  await introduce([...members, neighbour]);
  [here, beside, there] = [await members[0].run(image, 'a/web.1@1'), await members[0].run(image, 'a/web.2@1'), await members[1].run(image, 'b/db.1@1')];
}, 120_000);
afterAll(async () => {
  await Promise.all(all().map(({ keeper }) => keeper.stop()));
  await bed.close();
}, 60_000);

/** Says something to a program again and again, since it may not listen yet, until it has ended; then what it wrote. */
async function whileItListens(program: Promise<{ readonly stdout: string }>, say: () => Promise<unknown>): Promise<string> {
  let hasEnded = false;
  void program.finally(() => (hasEnded = true));
  const isOver = (): boolean => hasEnded;
  while (!isOver()) {
    await say();
    await sleep(100);
  }
  return (await program).stdout.trim();
}

describe('containers of one grid', () => {
  test('have the addresses that their nodes chose', () => {
    expect([here.address, beside.address, there.address]).toEqual(['10.81.1.2', '10.81.1.3', '10.81.2.2']);
  });

  test('reach each other on one node and over nodes', async () => {
    expect([await pings(here, beside.address), await pings(here, there.address), await pings(there, here.address)]).toEqual([true, true, true]);
  });

  test.each([['tcp', 1_400], ['udp', 1_400], ['tcp', 65_536], ['udp', 65_000]] as const)('exchange by %s %d bytes', async (protocol, sizeBytes) => {
    await exchange(protocol, here, there, sizeBytes);
    await exchange(protocol, there, beside, sizeBytes);
  });

  test('reach those of another node of the same engine without a tunnel, and that node reaches others by its own', async () => {
    const near = await neighbour.run(image, 'c/near.1@1');
    expect(await pings(near, here.address)).toBe(true);
    expect(await pings(here, near.address)).toBe(true);
    expect(await pings(near, there.address)).toBe(true);
    expect(await pings(there, near.address)).toBe(true);
    expect(neighbour.state?.port).not.toBe(members[0].state?.port);
    const { tunnel } = await members[0].look();
    expect(tunnel).toMatchObject({ peers: [{ allowed: ['10.81.2.0/24'] }] });
  });

  test('see each other under their own addresses, and the world sees their node\'s', async () => {
    const seenBy = async (listener: (args: readonly string[]) => Promise<{ readonly stdout: string }>, address: string): Promise<string> => {
      const script = `require('net').createServer((s)=>{console.log(s.remoteAddress.replace('::ffff:',''));process.exit()}).listen(7777)`;
      return whileItListens(listener(['-e', script]), () => within(here, 'busybox', ['nc', '-w', '2', address, '7777']));
    };
    expect(await seenBy((args) => within(there, process.execPath, args), there.address)).toBe(here.address);
    expect(await seenBy((args) => run(process.execPath, args, { timeoutMs: 20_000 }), bed.hostAddress)).toBe(bed.engines[0]!.address);
  });

  test('publish ports to the world', async () => {
    const front = await members[0].run(image, 'a/front.1@1', '-p', '18080:80');
    const server = within(front, 'busybox', ['nc', '-l', '-p', '80'], 20_000);
    expect(await whileItListens(server, () => run('busybox', ['nc', '-w', '1', bed.engines[0]!.address, '18080'], { input: 'hello', timeoutMs: 5_000 }))).toBe('hello');
  });

  test('are on networks without a problem', () => {
    expect(all().map(({ state }) => state?.problems)).toEqual([[], [], [], []]);
    expect(members.map(({ state }) => [state?.implementation, state?.addresses])).toEqual(members.map(({ engine }) => [expect.stringMatching(/^wireguard/), [engine.address]]));
  });
});

describe('nobody else', () => {
  test('reads what passes between nodes', async () => {
    const heard = async (what: string, send: () => Promise<unknown>, isEnough: RegExp): Promise<string> => {
      const log = join(bed.directory, `${what}.log`);
      const sniffer = start('tcpdump', ['-i', bed.id, '-A', '-l', '-n', 'host', bed.engines[1]!.address], log);
      const said = (): string => readFileSync(log, 'utf8');
      await eventually('the wire is listened at', () => (said().includes('listening on') ? true : undefined));
      await send();
      await eventually(`what passed by says ${String(isEnough)}`, () => (isEnough.test(said()) ? true : undefined));
      signal(sniffer.pid, 'SIGTERM');
      await sniffer.ended;
      return said();
    };
    const words = 'nobody-else-reads-this';
    const listen = ['nc', '-l', '-p', '7000'];
    const clear = await heard('clear', async () => {
      const server = bed.engines[1]!.inside('busybox', listen, { timeoutMs: 20_000 });
      await whileItListens(server, () => bed.engines[0]!.inside('busybox', ['nc', '-w', '1', bed.engines[1]!.address, '7000'], { input: words, timeoutMs: 3_000 }));
    }, /nobody-else-reads-this/);
    expect(clear).toContain(words);
    const sealed = await heard('sealed', async () => {
      const server = within(there, 'busybox', listen);
      const say = () => run('nsenter', [`--net=/proc/${here.pid}/ns/net`, 'busybox', 'nc', '-w', '1', there.address, '7000'], { input: words, timeoutMs: 3_000 });
      expect(await whileItListens(server, say)).toBe(words);
    }, /\.518\d\d: UDP/);
    expect(sealed).not.toContain(words);
  });

  test('on the wire sends to a container directly, be it under an address of the grid', async () => {
    const route = ['10.81.1.0/24', 'via', bed.engines[0]!.address, 'dev', bed.id];
    const before = [await drops('foreign'), await drops('spoofed')] as const;
    await must('ip', ['route', 'add', ...route]);
    await must('ip', ['addr', 'add', '10.81.2.99/32', 'dev', bed.id]);
    try {
      expect((await run('busybox', ['ping', '-c', '2', '-W', '1', '-I', bed.hostAddress, here.address])).code).not.toBe(0);
      expect((await run('busybox', ['ping', '-c', '3', '-W', '1', '-I', '10.81.2.99', here.address])).code).not.toBe(0);
    } finally {
      await run('ip', ['addr', 'del', '10.81.2.99/32', 'dev', bed.id]);
      await run('ip', ['route', 'del', ...route]);
    }
    expect([(await drops('foreign')) - before[0], (await drops('spoofed')) - before[1]]).toEqual([2, 3]);
  });

  test('of another grid on the same engine gets in, nor into tunnels, and the engine\'s own network neither', async () => {
    const other = await stranger.run(image, 'x/web.1@1');
    await bed.engines[0]!.docker(['run', '-d', '--name', 'plain', image]);
    const plain = { ...other, pid: Number(await bed.engines[0]!.docker(['inspect', '-f', '{{.State.Pid}}', 'plain'])) };
    for (const outsider of [other, plain]) {
      for (const address of [here.address, '10.81.1.1', there.address, '10.81.2.1']) expect([address, await pingsInVain(outsider, address)]).toEqual([address, true]);
      expect(await pings(outsider, bed.hostAddress)).toBe(true);
    }
    expect(await pingsInVain(here, other.address)).toBe(true);
  });

  test('is believed to be another: a container keeps to its node\'s addresses', async () => {
    await within(here, 'ip', ['addr', 'add', '10.81.2.50/32', 'dev', 'eth0']);
    await within(here, 'ip', ['addr', 'add', '10.82.1.50/32', 'dev', 'eth0']);
    const before = await drops('spoofed');
    for (const source of ['10.81.2.50', '10.82.1.50']) await within(here, 'busybox', ['ping', '-c', '2', '-W', '1', '-I', source, there.address]);
    const after = await drops('spoofed');
    await within(here, 'ip', ['addr', 'del', '10.81.2.50/32', 'dev', 'eth0']);
    await within(here, 'ip', ['addr', 'del', '10.82.1.50/32', 'dev', 'eth0']);
    expect(after - before).toBe(4);
  });
});

describe('a stack that not all may reach', () => {
  const endpoint = (instance: string, { address }: Running, node: string) => ({ instance, address, node, isExposed: false, serves: true });
  const restrict = (member: Member, stack: string, from: readonly string[]) => member.keeper.obey({ ...member.section, restricted: [{ stack, from }] });

  test('is reached by those it names, answers them, and opens connections to all; others are counted', async () => {
    const [a, b] = [endpoint('a/web.1@1', here, 'n1'), endpoint('b/db.1@1', there, 'n2')];
    await introduce([...members, neighbour], [a, b, endpoint('c/web.2@1', beside, 'n1')]);
    restrict(members[0], 'a', ['a']);
    restrict(members[1], 'b', ['a', 'b']);
    await eventually('the filters are there', async () => ('denied-a' in (await members[0].drops()) && 'denied-b' in (await members[1].drops()) ? true : undefined));
    expect(await pings(here, there.address)).toBe(true); // a → b, and the answer
    expect(await pingsInVain(there, here.address)).toBe(true); // b → a
    expect(await pingsInVain(beside, there.address)).toBe(true); // c → b
    expect(await pingsInVain(beside, here.address)).toBe(true); // c → a, on one bridge
    expect(await pings(here, beside.address)).toBe(true);
    expect([(await members[0].drops())['denied-a'], (await members[1].drops())['denied-b']]).toEqual([2, 1]);
    expect((await bed.engines[0]!.inside('busybox', ['ping', '-c', '1', '-W', '1', here.address])).code).toBe(0); // its own node looks after it
    for (const member of members) member.keeper.obey(member.section);
    await eventually('the filters are gone', async () => ('denied-a' in (await members[0].drops()) || 'denied-b' in (await members[1].drops()) ? undefined : true));
    expect(await pings(there, here.address)).toBe(true);
  });
});

describe('what is taken away comes back', () => {
  test('a tunnel whose program was killed', async () => {
    const { tunnel } = members[0].names;
    for (const { pid } of processesWith(`wireguard-go ${tunnel}`)) signal(pid, 'SIGKILL');
    await eventually('the tunnel is there again', async () => ((await pings(here, there.address)) ? true : undefined), 30_000, 50);
  });

  test('rules of the engine\'s chain, our table and the routes, with the next look', async () => {
    const engine = bed.engines[0]!;
    await engine.inside('iptables', ['-w', '-F', 'DOCKER-USER']);
    await engine.inside('nft', ['delete', 'table', 'ip', members[0].names.table]);
    await engine.inside('ip', ['route', 'flush', 'table', String(members[0].names.routingTable)]);
    await engine.inside('ip', ['rule', 'delete', 'lookup', String(members[0].names.routingTable)]);
    expect(await pingsInVain(here, there.address)).toBe(true);
    members[0].keeper.obey(members[0].section);
    await eventually('all is there again', async () => ((await pings(here, there.address)) ? true : undefined));
    expect((await members[0].look()).firewall?.version).toMatch(/^\w{16}$/);
  });

  test('an agent that starts again finds everything as it should be, and packets never notice', async () => {
    const flow = start('nsenter', [`--net=/proc/${here.pid}/ns/net`, 'busybox', 'ping', '-c', '30', '-i', '0.1', '-W', '10', there.address], `${bed.directory}/flow.log`);
    members[0].logged.length = 0;
    await members[0].restart();
    await sleep(1_000);
    expect(await flow.ended).toBe(0);
    expect((await must('grep', ['-o', '[0-9]*% packet loss', `${bed.directory}/flow.log`])).trim()).toBe('0% packet loss');
    expect(members[0].logged).toEqual([]);
  });
});

test('a key is changed while packets flow, and they go on', async () => {
  const before = members[0].state?.publicKey;
  const flow = start('nsenter', [`--net=/proc/${here.pid}/ns/net`, 'busybox', 'ping', '-c', '60', '-i', '0.05', '-W', '1', there.address], `${bed.directory}/rotation.log`);
  await sleep(500);
  await members[0].keeper.rotateKey();
  await eventually('the new key is said', () => (members[0].state?.publicKey === before ? undefined : true), 30_000, 5);
  await introduce([...members, neighbour]);
  await flow.ended;
  expect(readFileSync(`${bed.directory}/rotation.log`, 'utf8')).toMatch(/ [1-9]\d* packets received/);
  expect(await pings(here, there.address)).toBe(true);
  expect(members[0].state?.publicKey).not.toBe(before);
});

test('nodes that reach each other by IPv6 alone have tunnels by it', async () => {
  const addresses = ['fd81::1', 'fd81::2'] as const;
  const block = (verb: string): Promise<unknown> => Promise.all(bed.engines.map((engine) => engine.inside('iptables', ['-w', verb, 'INPUT', '-p', 'udp', '-j', 'DROP'])));
  for (const [at, engine] of bed.engines.entries()) await engine.inside('ip', ['addr', 'add', `${addresses[at]!}/64`, 'dev', 'eth0', 'nodad']);
  await block('-I');
  const peers = await Promise.all(members.map((member) => member.peer()));
  for (const member of members) member.know(peers.map((peer, at) => ({ ...peer, privateAddress: `[${addresses[at]!}]:${String(members[at]!.state?.port)}` })));
  await eventually('they reach each other', async () => ((await pings(here, there.address)) && (await pings(there, here.address)) ? true : undefined), 30_000);
  await exchange('tcp', here, there, 65_536);
  expect(members.map(({ state }) => state?.addresses.at(-1))).toEqual(addresses);
  expect((await members[0].look()).tunnel).toMatchObject({ peers: [{ endpoint: `[${addresses[1]}]:${String(members[1].state?.port)}` }] });
  await block('-D');
  await introduce([...members, neighbour]);
}, 90_000);

describe('reset', () => {
  test('leaves nothing of a node on its machine', async () => {
    await bed.engines[0]!.docker(['rm', '-f', 'x.web.1.1', 'plain']);
    await stranger.keeper.stop();
    await stranger.reset();
    const view = await stranger.look();
    expect([view.tunnel, view.firewall, view.forwards, view.ownRoutes, view.detour]).toEqual([undefined, undefined, [], [], undefined]);
    expect(view.interfaces.filter(({ name }) => Object.values(stranger.names).includes(name))).toEqual([]);
    expect(processesWith(`wireguard-go ${stranger.names.tunnel}`)).toEqual([]);
    expect(await bed.engines[0]!.docker(['network', 'ls', '--format', '{{.Name}}'])).not.toContain('kontena-other');
    expect(await pings(here, there.address)).toBe(true);
  });
});
