import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { Engine, type EngineSettings } from './engine.js';
import { addNamespace, addressOf, makeBridge, removeNetwork } from './network.js';
import { killAllWith, startedAt } from './processes.js';
import { Registry } from './registry.js';
import { must, run } from './shell.js';

/** Everything a run makes bears a name that begins so: folders, namespaces, interfaces, cgroups. Short: interfaces have 15 characters. */
const PREFIX = 'kt-';

/** Three machines, as good as real ones: network namespaces on one bridge, a Docker Engine in each, and a registry beside them. */
export interface Bed {
  /** e.g. `kt-x1f3`; all that this run makes carries it. */
  readonly id: string;
  /** A folder of this run's own, removed with it. */
  readonly directory: string;
  /** Of the host on the bridge: the nodes reach it, and it reaches them. */
  readonly hostAddress: string;
  readonly engines: readonly Engine[];
  readonly registry: Registry;
  close(): Promise<void>;
}

/** Makes a bed of so many engines, after clearing away what killed runs left. Needs root. */
export async function openBed(nodes: number, { hasOwnFiles = false }: Pick<EngineSettings, 'hasOwnFiles'> = {}): Promise<Bed> {
  if (process.getuid?.() !== 0) throw new Error('these tests make network namespaces and start engines: run them as root');
  await sweep();
  const { id, directory } = claim();
  try {
    const net = freeNet();
    const hostAddress = addressOf(net, 1);
    await makeBridge(id, hostAddress);
    const registry = await Registry.start(directory, hostAddress);
    const engines = await Promise.all(
      Array.from({ length: nodes }, async (_, index) => {
        const number = index + 1;
        const namespace = await addNamespace(id, number, addressOf(net, 10 + number));
        return Engine.start({ bed: id, directory: join(directory, `n${number}`), namespace, number, address: addressOf(net, 10 + number), registry: registry.address, hasOwnFiles });
      }),
    );
    return { id, directory, hostAddress, engines, registry, close: () => dismantle(id, engines) };
  } catch (error) {
    await dismantle(id, []);
    throw error;
  }
}

function claim(): { readonly id: string; readonly directory: string } {
  const id = PREFIX + randomBytes(2).toString('hex');
  const directory = join(tmpdir(), id);
  mkdirSync(directory, { mode: 0o700 });
  writeFileSync(join(directory, 'owner'), `${process.pid} ${startedAt(process.pid) ?? ''}`);
  return { id, directory };
}

/** The first three numbers of a /24, by chance: two runs may go on at once. */
function freeNet(): string {
  const [x, y] = randomBytes(2);
  return `10.${200 + ((x ?? 0) % 50)}.${y ?? 0}`;
}

/** Removes what runs left that were killed before they could. */
async function sweep(): Promise<void> {
  for (const name of readdirSync(tmpdir()).filter((entry) => entry.startsWith(PREFIX))) {
    const owner = join(tmpdir(), name, 'owner');
    if (!existsSync(owner)) continue; // not ours, or being made right now
    const [pid, started] = readFileSync(owner, 'utf8').split(' ');
    if (startedAt(Number(pid)) !== started) await dismantle(name, []);
  }
}

async function dismantle(id: string, engines: readonly Engine[]): Promise<void> {
  const directory = join(tmpdir(), id);
  await Promise.all(engines.map((engine) => engine.stop().catch(() => undefined)));
  await killAllWith(directory);
  await unmountBelow(directory);
  await removeNetwork(id);
  await removeCgroups(id);
  rmSync(directory, { recursive: true, force: true });
}

async function unmountBelow(directory: string): Promise<void> {
  const points = readFileSync('/proc/self/mounts', 'utf8').split('\n').map((line) => line.split(' ')[1] ?? '');
  const below = points.filter((point) => point.startsWith(`${directory}/`)).sort((a, b) => b.length - a.length);
  for (const point of below) await run('umount', ['--lazy', point]);
}

async function removeCgroups(id: string): Promise<void> {
  const found = await must('find', ['/sys/fs/cgroup', '-maxdepth', '2', '-type', 'd', '-name', basename(id)]);
  for (const folder of found.split('\n').filter((line) => line !== '')) await run('find', [folder, '-depth', '-type', 'd', '-delete']);
}
