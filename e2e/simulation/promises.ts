import { parseInstance, serviceName, type StackSpec } from '../../src/model/index.js';
import type { SimCluster } from '../../src/testing/cluster.js';

/** Containers that run, on all nodes, of one service. */
function running(cluster: SimCluster, service: string): readonly { readonly node: string; readonly instance: string; readonly slot: number; readonly revision: string }[] {
  return [...cluster.nodes.values()].flatMap(({ name, runtime }) =>
    runtime.containers
      .filter(({ instance, state }) => state === 'running' && parseInstance(instance)?.service === service)
      .map(({ instance, service: revision }) => ({ node: name, instance, slot: parseInstance(instance)?.slot ?? 0, revision })));
}

/** Promise 2: never two live containers of one stateful slot. In words what broke it; undefined while it holds. */
export function brokenOneWriter(cluster: SimCluster, service: string): string | undefined {
  const seen = new Map<number, string>();
  for (const { slot, instance, node } of running(cluster, service)) {
    const other = seen.get(slot);
    if (other !== undefined) return `two live containers of slot ${slot}: ${other} and ${instance} on ${node}`;
    seen.set(slot, `${instance} on ${node}`);
  }
  return undefined;
}

/** Promise 3: how many slots of a service may be without a container while it is rolled out. */
export const mayBeMissing = (instances: number, minHealth: number): number =>
  Math.max(1, instances - Math.ceil(Number((instances * minHealth).toFixed(6))));

export const missing = (cluster: SimCluster, service: string, instances: number): number =>
  instances - new Set(running(cluster, service).filter(({ slot }) => slot <= instances).map(({ slot }) => slot)).size;

/** What is not as declared, in words: the end of every story must be that nothing is. */
export function differences(cluster: SimCluster, declared: ReadonlyMap<string, StackSpec>): readonly string[] {
  const wrong: string[] = [];
  const expected = new Set<string>();
  for (const stack of declared.values()) {
    for (const [name, spec] of Object.entries(stack.services)) {
      const service = serviceName(stack.name, name);
      expected.add(service);
      const live = running(cluster, service);
      const slots = live.map(({ slot }) => slot).sort((a, b) => a - b);
      const wanted = Array.from({ length: spec.instances }, (_, index) => index + 1);
      if (String(slots) !== String(wanted)) wrong.push(`${service}: slots ${String(wanted)} are declared, ${String(slots)} run`);
      const images = new Set(live.map(({ revision }) => cluster.store?.view('default').get('Service', revision)?.body.spec.image));
      if (spec.instances > 0 && (images.size !== 1 || !images.has(spec.image))) wrong.push(`${service}: ${spec.image} is declared, ${[...images].join(', ')} runs`);
    }
  }
  for (const { name, runtime } of cluster.nodes.values()) {
    for (const { instance } of runtime.containers) {
      if (!expected.has(parseInstance(instance)?.service ?? '')) wrong.push(`${instance} on ${name} belongs to nothing that is declared`);
    }
  }
  return wrong;
}
