import { join } from 'node:path';
import { createNetworkKeeper, type NetworkKeeper, networkNames, resetEngine, resetMachine, tunnelKeyFile } from '../../../src/agent/network/index.js';
import { systemClock } from '../../../src/clock.js';
import { linuxNetwork } from '../../../src/machine-network/index.js';
import type { Endpoint, NetworkSection, NodeNetworkBody, Peer } from '../../../src/model/index.js';
import type { Log, MachineView } from '../../../src/ports/index.js';
import { systemRandom } from '../../../src/random.js';
import { dockerNetworks } from '../../../src/runtime/index.js';
import type { Engine } from './engine.js';
import { type Ended, eventually, run, start } from './shell.js';

const QUIET: Log = { info: () => undefined, warn: () => undefined, error: () => undefined };

export interface Place {
  readonly cluster?: string;
  readonly grid?: string;
  readonly node?: string;
  /** Of the whole grid. */
  readonly subnet?: string;
  readonly lease: string;
}

export interface Running {
  readonly name: string;
  readonly address: string;
  readonly pid: number;
}

/** A node of a grid as far as its network goes: the keeper of an agent, on a real engine in a namespace of its own. */
export class Member {
  readonly logged: string[] = [];
  state: NodeNetworkBody | undefined;
  keeper: NetworkKeeper;
  readonly owner: { readonly cluster: string; readonly grid: string; readonly node: string };

  /** Stays in the namespace while the engine restarts. */
  readonly #resident: number;
  #peers: readonly Peer[] = [];

  constructor(readonly engine: Engine, readonly place: Place, readonly directory: string) {
    this.#resident = start('nsenter', [`--net=/run/netns/${engine.settings.namespace}`, 'sleep', '3600'], '/dev/null').pid;
    this.owner = { cluster: place.cluster ?? `cluster-${directory}`, grid: place.grid ?? 'default', node: place.node ?? engine.name };
    this.keeper = this.#make();
  }

  get names() {
    return networkNames(this.owner);
  }

  get section(): NetworkSection {
    return { subnet: this.place.subnet ?? '10.81.0.0/16', lease: this.place.lease, restricted: [] };
  }

  async start(): Promise<void> {
    await this.keeper.start();
    this.keeper.obey(this.section);
    this.keeper.peers.whole(this.#peers);
  }

  know(peers: readonly Peer[]): void {
    this.#peers = peers;
    this.keeper.peers.whole(peers);
  }

  /** As an agent that ended and starts again: nothing of it is kept but its files. */
  async restart(): Promise<void> {
    await this.keeper.stop();
    this.keeper = this.#make();
    await this.start();
  }

  /** Takes all of it off its machine. */
  async reset(): Promise<void> {
    await resetMachine(linuxNetwork({ process: this.#resident }), this.owner);
    await resetEngine(dockerNetworks({ socket: this.engine.socket, ...this.owner }));
  }

  /** As the table of peers says it. */
  async peer(): Promise<Peer> {
    const { publicKey, port } = await eventually(`${this.owner.node} has a key`, () => (this.state?.publicKey === undefined ? undefined : this.state));
    return { node: this.owner.node, subnet: this.place.lease, publicKey: publicKey!, privateAddress: `${this.engine.address}:${port}` };
  }

  /** What is on the machine now. */
  look(): Promise<MachineView> {
    return linuxNetwork({ process: this.#resident }).look(this.names);
  }

  /** Packets dropped so far, by reason. */
  async drops(): Promise<Readonly<Record<string, number>>> {
    return (await this.look()).firewall?.drops ?? {};
  }

  /** Runs an image on the grid's network, as the containers keeper would. */
  async run(image: string, instance: string, ...options: readonly string[]): Promise<Running> {
    const place = await eventually(`a place for ${instance}`, () => {
      const found = this.keeper.attach(instance);
      if ('wait' in found) throw new Error(found.wait);
      return found;
    });
    const name = instance.replace(/[/@]/g, '.');
    await this.engine.docker(['run', '-d', '--name', name, '--network', place.network, '--ip', place.address, ...options, image]);
    const pid = Number(await this.engine.docker(['inspect', '-f', '{{.State.Pid}}', name]));
    return { name, address: place.address, pid };
  }

  #make(): NetworkKeeper {
    const { engine, owner } = this;
    const say = (message: string, facts?: object) => void this.logged.push(`${message} ${JSON.stringify(facts ?? {})}`);
    return createNetworkKeeper({
      machine: linuxNetwork({ process: this.#resident }), engine: dockerNetworks({ socket: engine.socket, ...owner }),
      keys: tunnelKeyFile(join(this.directory, `${owner.grid}-${owner.node}-key.json`)),
      clock: systemClock, random: systemRandom, log: { ...QUIET, info: say, warn: say, error: say }, owner, port: 51_820, keyMaxAgeMs: 86_400_000,
      master: `${engine.address}:9292`,
      neighbourhood: { held: () => new Map(), resolver: () => ({ dns: [], search: [] }) },
      onState: (state) => (this.state = state),
      onPlace: () => undefined,
    });
  }
}

/** Tells every member of all others, as the tables would. */
export async function introduce(members: readonly Member[], endpoints: readonly Endpoint[] = []): Promise<void> {
  const peers = await Promise.all(members.map((member) => member.peer()));
  for (const member of members) {
    member.know(peers);
    member.keeper.endpoints.whole(endpoints);
  }
}

/** Runs a program of this machine in the network of a container. */
export const within = ({ pid }: Running, program: string, args: readonly string[], timeoutMs = 20_000): Promise<Ended> => run('nsenter', [`--net=/proc/${pid}/ns/net`, program, ...args], { timeoutMs });

/** Whether an answer comes back; one that comes late, on a busy machine, is one. */
export const pings = (from: Running, address: string): Promise<boolean> => isAnswered(from, address, 10);
/** Whether none does, within a second. */
export const pingsInVain = async (from: Running, address: string): Promise<boolean> => !(await isAnswered(from, address, 1));

const isAnswered = async (from: Running, address: string, seconds: number): Promise<boolean> => (await within(from, 'busybox', ['ping', '-c', '1', '-W', String(seconds), address])).code === 0;

/** Sends bytes to where an echo listens, and what comes back must be the same. @throws Error otherwise */
export async function exchange(protocol: 'tcp' | 'udp', from: Running, to: Running, sizeBytes: number): Promise<void> {
  const script = protocol === 'tcp' ? TCP : UDP;
  const port = 20_000 + Math.floor(Math.random() * 20_000);
  const server = within(to, process.execPath, ['-e', script.server, String(port)]);
  const { code, stderr } = await within(from, process.execPath, ['-e', script.client, String(port), to.address, String(sizeBytes)]);
  if (code !== 0) throw new Error(`${sizeBytes} bytes over ${protocol} from ${from.address} to ${to.address}: ${stderr}`);
  await server;
}

const TCP = {
  server: `require('net').createServer((s)=>{s.pipe(s);s.on('close',()=>process.exit())}).listen(+process.argv[1])`,
  client: `const [,port,host,size]=process.argv;const data=require('crypto').randomBytes(+size);let got=[];
    const dial=(tries)=>{const s=require('net').connect(+port,host);s.on('error',(e)=>tries?setTimeout(dial,100,tries-1):(console.error(e.message),process.exit(1)));
    s.on('connect',()=>s.end(data));s.on('data',(d)=>got.push(d));s.on('end',()=>{const same=Buffer.concat(got).equals(data);if(!same)console.error('other bytes');process.exit(same?0:1)})};dial(40)`,
};

const UDP = {
  server: `const s=require('dgram').createSocket('udp4');s.on('message',(m,r)=>s.send(m,r.port,r.address,()=>setTimeout(()=>process.exit(),300)));s.bind(+process.argv[1],()=>s.setRecvBufferSize(1<<20))`,
  client: `const [,port,host,size]=process.argv;const data=require('crypto').randomBytes(+size);const s=require('dgram').createSocket('udp4');
    s.on('message',(m)=>process.exit(m.equals(data)?0:1));s.on('error',(e)=>{console.error(e.message);process.exit(1)});
    let n=0;const go=()=>{if(n++>30){console.error('no answer');process.exit(1)}s.send(data,+port,host,()=>undefined);setTimeout(go,150)};s.bind(0,()=>{s.setRecvBufferSize(1<<20);s.setSendBufferSize(1<<20);go()})`,
};
