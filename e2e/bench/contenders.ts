import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { connect, type Connected, type Credential } from '../../src/link/client/index.js';
import { nthAddress, requireSubnet } from '../../src/model/index.js';
import { networkOptions } from '../../src/runtime/network-options.js';
import type { Cluster, Engine } from '../docker/harness/index.js';
import { inParallel, Watcher, type Contender } from './contender.js';

/** What the engine's API takes at once: more makes it no faster. */
const AT_ONCE = 8;

/** Of the engine alone: as large a part of a subnet as a node has. */
const ALONE = { subnet: '10.98.1.0/24', gateway: '10.98.1.1', bridge: 'kb-alone', tunnel: 'kw-alone', mtuBytes: 1420 } as const;
const NETWORK = 'alone';

/** The engine's API alone, asked by one client: what nobody can be faster than. On a network as a node of ours has it, each container with an address that was chosen for it. */
export class EngineAlone implements Contender {
  readonly name = 'engine alone';
  readonly watcher: Watcher;
  #killed: string | undefined;

  constructor(engine: Engine) {
    this.watcher = new Watcher(engine.socket, 'alone-');
  }

  /** Makes the network. */
  async prepare(): Promise<void> {
    const { Version } = await this.watcher.docker.version();
    await this.watcher.docker.createNetwork({ ...networkOptions(ALONE, Version), Name: NETWORK });
  }

  async deploy(instances: number, image: string): Promise<void> {
    await inParallel(Array.from({ length: instances }, (_, index) => `alone-${index + 1}`), AT_ONCE, (name) => this.#run(name, image));
  }

  async update(_instances: number, image: string): Promise<void> {
    await inParallel(await this.watcher.containers(true), AT_ONCE, async ({ Id, Names }) => {
      await this.#drop(Id);
      await this.#run(Names[0]!.slice(1), image);
    });
  }

  async replace(): Promise<void> {
    const { killed, untilReplaced } = await this.watcher.killOne();
    this.#killed = killed;
    await this.watcher.docker.getContainer(this.#killed).start();
    await untilReplaced();
  }

  async remove(): Promise<void> {
    await inParallel(await this.watcher.containers(true), AT_ONCE, ({ Id }) => this.#drop(Id));
  }

  async #run(name: string, image: string): Promise<void> {
    const address = nthAddress(requireSubnet(ALONE.subnet), Number(name.replace('alone-', '')) + 1);
    const container = await this.watcher.docker.createContainer({
      name, Image: image, HostConfig: { NetworkMode: NETWORK, Dns: [ALONE.gateway], DnsSearch: ['kontena.local'] }, NetworkingConfig: { EndpointsConfig: { [NETWORK]: { IPAMConfig: { IPv4Address: address } } } },
    });
    await container.start();
  }

  async #drop(id: string): Promise<void> {
    const container = this.watcher.docker.getContainer(id);
    await container.stop();
    await container.remove({ v: true });
  }
}

/** Kontena: from `kontenactl apply` to the moment the master knows that the last instance runs. */
export class Ours implements Contender {
  readonly name = 'kontena';
  readonly watcher: Watcher;
  readonly #control: Connected;

  constructor(
    private readonly cluster: Cluster,
    engine: Engine,
  ) {
    this.watcher = new Watcher(engine.socket, 'bench.web-');
    this.#control = connect(JSON.parse(readFileSync(join(cluster.masterData, 'admin.json'), 'utf8')) as Credential, { timeoutMs: 5_000 });
  }

  async deploy(instances: number, image: string): Promise<void> {
    await this.#apply(instances, image);
    await this.watcher.until(async () => (await this.#reported()) >= instances);
  }

  async update(instances: number, image: string): Promise<void> {
    await this.#apply(instances, image);
    await this.watcher.untilRunning(instances, image);
  }

  async replace(): Promise<void> {
    await (await this.watcher.killOne()).untilReplaced();
  }

  async remove(): Promise<void> {
    await this.cluster.must(['delete', 'stack', 'bench', '--yes']);
    await this.watcher.untilNone();
  }

  close(): void {
    this.#control.close();
  }

  async #apply(instances: number, image: string): Promise<void> {
    await this.cluster.apply({ stack: 'bench', services: { web: { image, instances } } }, '--no-wait');
  }

  /** How many instances the master knows to be running. */
  async #reported(): Promise<number> {
    for await (const { name, status } of this.#control.resources.list({ grid: 'default', kind: 'service', of: 'bench' })) {
      if (name === 'bench/web') return (status['instances'] as { readonly running: number }).running;
    }
    return 0;
  }
}

/** Docker Swarm on the same engine, told to replace as many at once as our default of `min_health` allows, and to watch them as long as our default of `settle`. */
export class Swarm implements Contender {
  readonly name = 'docker swarm';
  readonly watcher: Watcher;

  constructor(private readonly engine: Engine) {
    this.watcher = new Watcher(engine.socket, 'swarmed.');
  }

  async join(): Promise<void> {
    await this.engine.docker(['swarm', 'init', '--advertise-addr', this.engine.address]);
  }

  async leave(): Promise<void> {
    await this.engine.docker(['swarm', 'leave', '--force']);
  }

  async deploy(instances: number, image: string): Promise<void> {
    await this.engine.docker(['service', 'create', '--detach', '--no-resolve-image', '--name', 'swarmed', '--replicas', String(instances), image]);
    await this.watcher.until(async () => (await this.#reported()) >= instances);
  }

  async update(instances: number, image: string): Promise<void> {
    const parallelism = String(Math.max(1, Math.floor(instances * 0.2)));
    await this.engine.docker(['service', 'update', '--detach', '--no-resolve-image', '--update-parallelism', parallelism, '--update-delay', '5s', '--image', image, 'swarmed']);
    await this.watcher.untilRunning(instances, image);
  }

  async replace(): Promise<void> {
    await (await this.watcher.killOne()).untilReplaced();
  }

  async remove(): Promise<void> {
    await this.engine.docker(['service', 'rm', 'swarmed']);
    await this.watcher.untilNone();
  }

  /** How many tasks the manager knows to be running. */
  async #reported(): Promise<number> {
    const [service] = await this.watcher.docker.listServices({ filters: { name: ['swarmed'] }, status: true });
    return service?.ServiceStatus?.RunningTasks ?? 0;
  }
}
