import { makeKey } from '../../src/machine-network/keys.js';
import { type Bed, type Ended, type Engine, openBed, run, sleep } from '../docker/harness/index.js';
import { introduce, Member, within } from '../docker/harness/member.js';
import { median, type Measurement } from './measure.js';

/** Runs a program at one end of a path. */
type End = (program: string, args: readonly string[]) => Promise<Ended>;
interface Path {
  readonly near: End;
  readonly far: End;
  /** Of the far end. */
  readonly address: string;
}

/** Each asks both paths, the one before and after the other, so that what else the machine does meets both alike. */
const ROUNDS = 9;
const SECONDS = 1;
const SHARE_OF_PLAIN = 0.9;
const ADDED_MS = 0.1;

/** What a grid's network costs: containers over nodes, against plain WireGuard between the same nodes, set up by hand. */
export async function benchOverlay(say: (line: string) => void): Promise<readonly Measurement[]> {
  const bed = await openBed(2);
  const members = [new Member(bed.engines[0]!, { lease: '10.81.1.0/24' }, bed.directory), new Member(bed.engines[1]!, { lease: '10.81.2.0/24' }, bed.directory)] as const;
  try {
    const overlay = await betweenContainers(bed, members);
    const plain = await byHand(bed.engines[0]!, bed.engines[1]!, members[0].state?.implementation ?? '');
    return await compare(overlay, plain, say);
  } finally {
    await Promise.all(members.map(({ keeper }) => keeper.stop()));
    await bed.close();
  }
}

async function betweenContainers(bed: Bed, members: readonly [Member, Member]): Promise<Path> {
  const image = await bed.registry.push(bed.engines[0]!, 'stay:1', "trap 'exit 0' TERM\nwhile true; do busybox sleep 3600 & wait; done");
  for (const member of members) await member.start();
  await introduce(members);
  const [here, there] = [await members[0].run(image, 'a/web.1@1'), await members[1].run(image, 'b/db.1@1')];
  return { near: (program, args) => within(here, program, args), far: (program, args) => within(there, program, args), address: there.address };
}

async function compare(overlay: Path, plain: Path, say: (line: string) => void): Promise<readonly Measurement[]> {
  const speeds: { readonly overlay: number[]; readonly plain: number[] } = { overlay: [], plain: [] };
  const added: number[] = [];
  for (let round = 1; round <= ROUNDS; round++) {
    const [before, one, other, after] = [await megabitsPerSecond(plain), await megabitsPerSecond(overlay), await megabitsPerSecond(overlay), await megabitsPerSecond(plain)];
    speeds.plain.push(before, after);
    speeds.overlay.push(one, other);
    const [first, mine, again, last] = [await roundTripMs(plain), await roundTripMs(overlay), await roundTripMs(overlay), await roundTripMs(plain)];
    added.push((mine + again - first - last) / 2);
    say(`round ${round} of ${ROUNDS}: ${Math.round(one + other)} against ${Math.round(before + after)} Mbit/s, ${added.at(-1)!.toFixed(3)} ms added`);
  }
  const [ours, theirs] = [median(speeds.overlay), median(speeds.plain)];
  return [
    { group: 'overlay', what: 'TCP between containers over nodes', value: ours, unit: 'Mbit/s' },
    { group: 'overlay', what: 'plain WireGuard between the nodes', value: theirs, unit: 'Mbit/s' },
    { group: 'overlay', what: 'the first / the second', value: ours / theirs, unit: 'times', bound: { sort: 'at least', value: SHARE_OF_PLAIN } },
    { group: 'overlay', what: 'added to a round trip', value: median(added), unit: 'ms', bound: { sort: 'at most', value: ADDED_MS } },
  ];
}

/** Plain WireGuard between the same machines, of the same implementation. */
async function byHand(near: Engine, far: Engine, implementation: string): Promise<Path> {
  const ends = [{ engine: near, key: makeKey(), address: '10.250.0.1' }, { engine: far, key: makeKey(), address: '10.250.0.2' }] as const;
  for (const [index, { engine, key, address }] of ends.entries()) {
    const other = ends[1 - index]!;
    const name = `kt-p${index}-${engine.settings.bed.slice(3)}`;
    const say = (text: string) => run('nsenter', [`--net=/run/netns/${engine.settings.namespace}`, 'sh', '-ec', text]);
    const { code, stderr } = await say(`
      ${implementation === 'wireguard' ? `ip link add ${name} type wireguard` : `setsid wireguard-go ${name} 2>/dev/null`}
      echo '${key.privateKey}' | cat | wg set ${name} private-key /dev/stdin listen-port 51900 peer '${other.key.publicKey}' endpoint ${other.engine.address}:51900 allowed-ips ${other.address}/32
      ip addr add ${address}/24 dev ${name}; ip link set ${name} mtu 1420 up`);
    if (code !== 0) throw new Error(stderr);
  }
  return { near: (program, args) => near.inside(program, args), far: (program, args) => far.inside(program, args), address: ends[1].address };
}

async function megabitsPerSecond({ near, far, address }: Path): Promise<number> {
  const server = far('iperf3', ['-s', '-1']);
  await sleep(500);
  const { stdout } = await near('iperf3', ['-c', address, '-t', String(SECONDS), '-J']);
  await server;
  const { end, error } = JSON.parse(stdout) as { end: { sum_received?: { bits_per_second: number } }; error?: string };
  if (end.sum_received === undefined) throw new Error(`iperf3: ${error ?? stdout}`);
  return end.sum_received.bits_per_second / 1e6;
}

/** Of the quickest half of the pings: the rest measures what else the machine does. */
async function roundTripMs({ near, address }: Path): Promise<number> {
  const { stdout } = await near('busybox', ['ping', '-c', '200', '-i', '0.01', address]);
  const times = [...stdout.matchAll(/time=([\d.]+) ms/g)].map((match) => Number(match[1])).sort((a, b) => a - b);
  return times.slice(0, times.length / 2).reduce((sum, time) => sum + time, 0) / Math.floor(times.length / 2);
}
