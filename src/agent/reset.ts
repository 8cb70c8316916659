import { KontenaError, messageOf, type NetworkProblem } from '../model/index.js';
import type { EngineRegistry, MachineResolver, Runtime } from '../ports/index.js';
import { type NetworkParts, resetEngine, resetMachine } from './network/index.js';

/** What taking a node off its machine came to. */
export interface Reset {
  /** Instances whose containers were removed. */
  readonly containers: readonly string[];
  /** Of its network, in words. */
  readonly network: readonly string[];
  /** Of what its engine knew of the grid's registry, in words. */
  readonly registry: readonly string[];
  /** What is there still, and why: `containers`, `names`, `network` of the machine, `engine network`, `registry`. */
  readonly left: readonly NetworkProblem[];
}

type ResetParts = { readonly runtime: Runtime; readonly resolver: MachineResolver; readonly registry: EngineRegistry } & Pick<NetworkParts, 'machine' | 'engine' | 'owner'>;

/** Takes a node off its machine: its containers, then its network. What fails keeps nobody from trying the rest. No agent of the node runs. */
export async function resetNode({ runtime, machine, engine, resolver, registry, owner }: ResetParts): Promise<Reset> {
  const left: NetworkProblem[] = [];
  const attempt = async (what: string, work: () => Promise<readonly string[]>): Promise<readonly string[]> => {
    try {
      return await work();
    } catch (error) {
      left.push({ what, reason: messageOf(error), remedy: error instanceof KontenaError ? error.remedy : 'Try again.' });
      return [];
    }
  };
  const containers = await attempt('containers', () => removeContainers(runtime));
  const names = await attempt('names', async () => [await resolver.leave()].filter((what) => what !== undefined));
  const ofMachine = await attempt('network', () => resetMachine(machine, owner));
  const ofEngine = await attempt('engine network', () => resetEngine(engine));
  const ofRegistry = await attempt('registry', () => registry.forget());
  return { containers, network: [...names, ...ofMachine, ...ofEngine], registry: ofRegistry, left };
}

async function removeContainers(runtime: Runtime): Promise<readonly string[]> {
  const instances = (await runtime.list()).map(({ instance }) => instance);
  await Promise.all(instances.map(async (instance) => {
    await runtime.stop(instance); // with the grace it was made with
    await runtime.remove(instance);
  }));
  return instances;
}
