import { gridNetwork, hasAddress, parseAddress, parseInstance, parseService, serviceName, serviceRevisionName, slotOf, type StackSpec } from '../../src/model/index.js';
import type { Store } from '../../src/ports/index.js';
import type { SimGrid } from '../../src/testing/cluster.js';

/** Containers that run, on all nodes, of one service. */
function running(grid: SimGrid, service: string): readonly { readonly node: string; readonly instance: string; readonly slot: number; readonly revision: string; readonly address: string | undefined }[] {
  return grid.nodes.flatMap(({ name, runtime }) =>
    runtime.containers
      .filter(({ instance, state }) => state === 'running' && parseInstance(instance)?.service === service)
      .map(({ instance, service: revision, gridAddress }) => ({ node: name, instance, address: gridAddress, slot: parseInstance(instance)?.slot ?? 0, revision })));
}

/** Promise 2: never two live containers of one stateful slot. In words what broke it; undefined while it holds. */
export function brokenOneWriter(grid: SimGrid, service: string): string | undefined {
  const seen = new Map<number, string>();
  for (const { slot, instance, node } of running(grid, service)) {
    const other = seen.get(slot);
    if (other !== undefined) return `two live containers of slot ${slot}: ${other} and ${instance} on ${node}`;
    seen.set(slot, `${instance} on ${node}`);
  }
  return undefined;
}

/** Nor does the master ever want two: the next round of a slot that keeps data is placed when nothing is left of the one before. */
export function twoRounds(grid: SimGrid, service: string): string | undefined {
  const slots = (grid.view?.instancesOf(service) ?? []).map(({ name }) => slotOf(name));
  const twice = slots.find((slot, index) => slots.indexOf(slot) !== index);
  return twice === undefined ? undefined : `${twice}, which keeps data, was placed again before it was gone`;
}

/** Instances of a service that keeps data that were stopped because nobody heard of their node, in words: its data is there and nowhere else. */
export function stoppedUnheard(store: Store, grid: string, service: string): readonly string[] {
  const stops = store.history({ grid, kind: 'Instance' }).map(({ change }) => change).filter(({ name, why }) => parseInstance(name)?.service === service && why.includes(' is offline '));
  return stops.map(({ name, why }) => `${name} keeps data, and was stopped: ${why}`);
}

/** Promise 3: how many slots of a service may be without a container while it is rolled out. */
export const mayBeMissing = (instances: number, minHealth: number): number =>
  Math.max(1, instances - Math.ceil(Number((instances * minHealth).toFixed(6))));

export const missing = (grid: SimGrid, service: string, instances: number): number =>
  instances - new Set(running(grid, service).filter(({ slot }) => slot <= instances).map(({ slot }) => slot)).size;

const imageOf = (grid: SimGrid, revision: string): string | undefined => grid.view?.get('Service', revision)?.body.spec.image;

/** The image of the last complete revision, for a service whose rollout failed and went back; undefined for others. */
export function wentBackTo(grid: SimGrid, service: string): string | undefined {
  const names = parseService(service);
  const rollout = names === undefined ? undefined : grid.view?.get('Rollout', names.stack)?.body.services[names.service];
  if (rollout?.reverted === undefined) return undefined;
  return imageOf(grid, serviceRevisionName(service, rollout.complete?.revision ?? 0)) ?? 'the image of a revision that is not kept';
}

/** Whether a service that never ran waits for one whose rollout went back: it begins when that one is as declared. */
function waitsForFailed(grid: SimGrid, stack: string, service: string): boolean {
  const other = grid.view?.get('Rollout', stack)?.body.waits?.[service];
  return other !== undefined && wentBackTo(grid, serviceName(stack, other)) !== undefined;
}

/** Slots of a service whose hook of `oneshot` has ended well more than once, in words. */
export function repeatedHooks(grid: SimGrid, service: string): readonly string[] {
  const slots = grid.nodes.flatMap(({ runtime }) => runtime.prepared).filter((instance) => parseInstance(instance)?.service === service).map(slotOf);
  return [...new Set(slots.filter((slot, index) => slots.indexOf(slot) !== index))].map((slot) => `the hook of ${slot} ran again`);
}

/** Containers of a service that were made with other values from the vault than it has now, in words; nothing where a rollout went back to older ones. */
export function openedOtherwise(grid: SimGrid, service: string, values: Readonly<Record<string, string>>): readonly string[] {
  if (wentBackTo(grid, service) !== undefined) return [];
  return running(grid, service).flatMap(({ node, instance }) => {
    const opened = grid.nodes.find(({ name }) => name === node)?.runtime.opened(instance);
    return JSON.stringify(opened) === JSON.stringify(values) ? [] : [`${instance} has ${JSON.stringify(opened)} of the vault, which holds ${JSON.stringify(values)}`];
  });
}

/** What is not as declared, or as it was before where that failed, in words: the end of every story must be that nothing is. */
export function differences(grid: SimGrid, stack: StackSpec): readonly string[] {
  const wrong: string[] = [];
  const expected = new Set<string>();
  for (const [name, spec] of Object.entries(stack.services)) {
    const service = serviceName(stack.name, name);
    expected.add(service);
    if (waitsForFailed(grid, stack.name, name)) continue;
    const live = running(grid, service);
    const slots = live.map(({ slot }) => slot).sort((a, b) => a - b);
    const wanted = Array.from({ length: spec.instances }, (_, index) => index + 1);
    if (String(slots) !== String(wanted)) wrong.push(`${service}: slots ${String(wanted)} are declared, ${String(slots)} run`);
    const image = wentBackTo(grid, service) ?? spec.image;
    const others = new Set(live.map(({ revision }) => imageOf(grid, revision)).filter((found) => found !== image));
    if (others.size > 0) wrong.push(`${service}: ${image} is to run, ${[...others].join(', ')} runs`);
  }
  return [...wrong, ...strays(grid, expected)];
}

/** Containers that belong to nothing that is declared, in words. */
const strays = (grid: SimGrid, expected: ReadonlySet<string>): readonly string[] =>
  grid.nodes.flatMap(({ name, runtime }) =>
    runtime.containers.filter(({ instance }) => !expected.has(parseInstance(instance)?.service ?? '')).map(({ instance }) => `${instance} on ${name} belongs to nothing that is declared`));

/** No two containers that run have one address, and each has one of its own grid. In words what broke it; undefined while it holds. */
export function sharedAddress(grid: SimGrid): string | undefined {
  const seen = new Map<string, string>();
  for (const { name, runtime } of grid.nodes) {
    for (const { instance, state, gridAddress } of runtime.containers) {
      if (state !== 'running' || gridAddress === undefined) continue;
      const other = seen.get(gridAddress);
      if (other !== undefined) return `${other} and ${instance} on ${name} have one address, ${gridAddress}`;
      seen.set(gridAddress, `${instance} on ${name}`);
    }
  }
  return undefined;
}

/** What a node answers for a service; undefined while it serves no names. */
function answered({ names }: SimGrid['nodes'][number], service: string, stack: string, grid: string): readonly string[] | undefined {
  const answer = names.ask(`${service}.${stack}.${grid}.kontena.local`);
  if (answer === undefined) return undefined;
  return answer.kind === 'records' ? answer.records.flatMap((record) => (record.type === 'A' ? [record.address] : [])).sort() : [];
}

/** Names that lead elsewhere than to the instances that run, in words: when nothing is broken, every node answers with exactly these. */
export const namesAmiss = (grid: SimGrid, { name: stack, services }: StackSpec): readonly string[] =>
  Object.keys(services).flatMap((service) => {
    const wanted = String(running(grid, serviceName(stack, service)).map(({ address }) => address ?? 'no address').sort());
    return grid.nodes.flatMap((node) => {
      const found = String(answered(node, service, stack, grid.name) ?? 'nothing: no names are served');
      return found === wanted ? [] : [`${service}.${stack} leads to ${found} on ${node.name}; ${wanted} run`];
    });
  });

/** Balancers that send elsewhere than to the instances that run of what they serve, in words. */
export function routesAmiss(grid: SimGrid, { name: stack, services }: StackSpec): readonly string[] {
  const balancers = Object.keys(services).filter((name) => services[name]?.balancer !== undefined).map((name) => serviceName(stack, name));
  return balancers.flatMap((balancer) => {
    const behind = Object.entries(services).filter(([, { links }]) => links.some(({ service }) => service === balancer));
    const wanted = JSON.stringify(behind.map(([name, { route }]) => {
      const service = serviceName(stack, name);
      return [service, running(grid, service).map(({ instance, address }) => `${instance} ${address ?? 'no address'}:${String(route?.port)}`).sort()];
    }).sort());
    return running(grid, balancer).flatMap(({ node, instance }) => {
      const sending = grid.nodes.find(({ name }) => name === node)?.proxy.seenSending(instance);
      const found = JSON.stringify(Object.entries(sending ?? {}).sort());
      return found === wanted ? [] : [`${instance} on ${node} sends to ${found}; ${wanted} run`];
    });
  });
}

/** Answers with an address that is not of the grid, in words: there must be none at any time. */
export function foreignNames(grid: SimGrid, { name: stack, services }: StackSpec): readonly string[] {
  const body = grid.view?.get('Grid', grid.name)?.body;
  if (body === undefined) return [];
  const { subnet } = gridNetwork(body);
  return Object.keys(services).flatMap((service) => grid.nodes.flatMap((node) =>
    (answered(node, service, stack, grid.name) ?? []).filter((address) => !hasAddress(subnet, parseAddress(address) ?? 0)).map((address) => `${service}.${stack} leads to ${address} on ${node.name}, which is not of grid ${grid.name}`)));
}
