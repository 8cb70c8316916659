import { parseInstance, parseService, serviceName, serviceRevisionName, slotOf, type StackSpec } from '../../src/model/index.js';
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

const imageOf = (cluster: SimCluster, revision: string): string | undefined => cluster.store?.view('default').get('Service', revision)?.body.spec.image;

/** The image of the last complete revision, for a service whose rollout failed and went back; undefined for others. */
export function wentBackTo(cluster: SimCluster, service: string): string | undefined {
  const names = parseService(service);
  const rollout = names === undefined ? undefined : cluster.store?.view('default').get('Rollout', names.stack)?.body.services[names.service];
  if (rollout?.reverted === undefined) return undefined;
  return imageOf(cluster, serviceRevisionName(service, rollout.complete?.revision ?? 0)) ?? 'the image of a revision that is not kept';
}

/** Whether a service that never ran waits for one whose rollout went back: it begins when that one is as declared. */
function waitsForFailed(cluster: SimCluster, stack: string, service: string): boolean {
  const other = cluster.store?.view('default').get('Rollout', stack)?.body.waits?.[service];
  return other !== undefined && wentBackTo(cluster, serviceName(stack, other)) !== undefined;
}

/** Slots of a service whose hook of `oneshot` has ended well more than once, in words. */
export function repeatedHooks(cluster: SimCluster, service: string): readonly string[] {
  const slots = [...cluster.nodes.values()].flatMap(({ runtime }) => runtime.prepared).filter((instance) => parseInstance(instance)?.service === service).map(slotOf);
  return [...new Set(slots.filter((slot, index) => slots.indexOf(slot) !== index))].map((slot) => `the hook of ${slot} ran again`);
}

/** Containers of a service that were made with other values from the vault than it has now, in words; nothing where a rollout went back to older ones. */
export function openedOtherwise(cluster: SimCluster, service: string, values: Readonly<Record<string, string>>): readonly string[] {
  if (wentBackTo(cluster, service) !== undefined) return [];
  return running(cluster, service).flatMap(({ node, instance }) => {
    const opened = cluster.nodes.get(node)?.runtime.opened(instance);
    return JSON.stringify(opened) === JSON.stringify(values) ? [] : [`${instance} has ${JSON.stringify(opened)} of the vault, which holds ${JSON.stringify(values)}`];
  });
}

/** What is not as declared, or as it was before where that failed, in words: the end of every story must be that nothing is. */
export function differences(cluster: SimCluster, declared: ReadonlyMap<string, StackSpec>): readonly string[] {
  const wrong: string[] = [];
  const expected = new Set<string>();
  for (const stack of declared.values()) {
    for (const [name, spec] of Object.entries(stack.services)) {
      const service = serviceName(stack.name, name);
      expected.add(service);
      if (waitsForFailed(cluster, stack.name, name)) continue;
      const live = running(cluster, service);
      const slots = live.map(({ slot }) => slot).sort((a, b) => a - b);
      const wanted = Array.from({ length: spec.instances }, (_, index) => index + 1);
      if (String(slots) !== String(wanted)) wrong.push(`${service}: slots ${String(wanted)} are declared, ${String(slots)} run`);
      const image = wentBackTo(cluster, service) ?? spec.image;
      const others = new Set(live.map(({ revision }) => imageOf(cluster, revision)).filter((found) => found !== image));
      if (others.size > 0) wrong.push(`${service}: ${image} is to run, ${[...others].join(', ')} runs`);
    }
  }
  return [...wrong, ...strays(cluster, expected)];
}

/** What a node says of a service's name that is not so, in words: each leads to the containers that run, wherever they do, and to no other. */
export function misled(cluster: SimCluster, declared: ReadonlyMap<string, StackSpec>): readonly string[] {
  const places = new Map([...cluster.nodes.values()].flatMap(({ runtime }) => runtime.containers.map(({ instance, gridAddress }) => [instance, gridAddress ?? '?'] as const)));
  return [...declared.values()].flatMap((stack) => Object.keys(stack.services).flatMap((name) => {
    const addresses = running(cluster, serviceName(stack.name, name)).map(({ instance }) => places.get(instance)).sort().join(' ');
    return [...cluster.nodes.values()].flatMap((node) => {
      const answer = node.names.ask(`${name}.${stack.name}.default.kontena.local`);
      const said = answer?.kind === 'records' ? answer.records.map((record) => (record.type === 'A' ? record.address : record.type)).sort().join(' ') : '';
      return said === addresses ? [] : [`${node.name} says that ${name}.${stack.name} is ${said || (answer?.kind ?? 'unheard')}, and it is at ${addresses}`];
    });
  }));
}

/** Containers that belong to nothing that is declared, in words. */
const strays = (cluster: SimCluster, expected: ReadonlySet<string>): readonly string[] =>
  [...cluster.nodes.values()].flatMap(({ name, runtime }) =>
    runtime.containers.filter(({ instance }) => !expected.has(parseInstance(instance)?.service ?? '')).map(({ instance }) => `${instance} on ${name} belongs to nothing that is declared`));
