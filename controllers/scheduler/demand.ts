import { fillIn, mountedVolumes, ownVolumes, parseAffinity, type Reserves, type ServiceSpec } from '../../src/model/index.js';
import type { View } from '../../src/ports/index.js';
import { affinityOf, rule, type Rule } from './affinity.js';
import { need, type Need } from './dependencies.js';
import { bindingOf } from './home.js';

/** What one slot asks of a node. */
export interface Demand {
  /** `todo/web`. */
  readonly service: string;
  readonly isStateful: boolean;
  readonly reserves: Reserves;
  readonly volumeDrivers: readonly string[];
  /** Affinity that must hold, */
  readonly rules: readonly Rule[];
  /** and affinity that should, in this order, where a node that fits is left. */
  readonly wishes: readonly Rule[];
  /** Containers of other services that must be on the same node. */
  readonly needs: readonly Need[];
  /** The slot's node before: where its data is, when the service is stateful. */
  readonly home: string | undefined;
}

export interface Asker {
  readonly service: string;
  readonly spec: ServiceSpec;
  readonly slot: number;
  readonly home: string | undefined;
}

export function demandOf({ service, spec, slot, home }: Asker, view: View): Demand {
  const stack = service.slice(0, service.indexOf('/'));
  const rules = affinityOf(spec, view).flatMap((text) => {
    const parsed = parseAffinity(text, slot);
    // The api refuses what cannot be read; what an older version let through must not place an instance just anywhere.
    return typeof parsed === 'string' ? [{ text, isSoft: false, isAboutNodes: true, holds: () => false }] : [rule(parsed, service, view)];
  });
  return {
    service,
    isStateful: spec.stateful,
    reserves: reservesOf(spec),
    volumeDrivers: [...new Set(mountedVolumes(spec).flatMap((name) => view.get('Volume', name)?.body.driver ?? []))],
    rules: rules.filter(({ isSoft }) => !isSoft),
    wishes: [...dataWishes({ service, spec, slot }, view), ...rules.filter(({ isSoft }) => isSoft)],
    needs: needsOf(spec, stack, slot, view),
    home,
  };
}

/** What keeps no data runs best where its volumes are, and elsewhere if it must: there they are empty. */
function dataWishes({ service, spec, slot }: Omit<Asker, 'home'>, view: View): readonly Rule[] {
  const binding = spec.stateful ? undefined : bindingOf(service, slot, view);
  if (binding === undefined || !mountedVolumes(spec).some((name) => binding.volumes.includes(name))) return [];
  return [{ text: 'its volumes', isSoft: true, isAboutNodes: false, holds: ({ name }) => name === binding.node }];
}

/** Whether slots of the service may ask for different nodes, so that what fits one need not fit the next. */
export const asksPerSlot = (spec: ServiceSpec, view: View): boolean =>
  (!spec.stateful && ownVolumes(spec, (name) => view.get('Volume', name)?.body).length > 0) ||
  [...affinityOf(spec, view), ...spec.volumesFrom, spec.network].some((text) => text.includes('%'));

function needsOf(spec: ServiceSpec, stack: string, slot: number, view: View): readonly Need[] {
  const needs: Need[] = [];
  if (spec.volumesFrom.length > 0) needs.push(need(spec.volumesFrom.map((text) => fillIn(text, slot) ?? text), stack, view));
  if (spec.network.startsWith('container:')) {
    const name = spec.network.slice('container:'.length);
    needs.push(need([fillIn(name, slot) ?? name], stack, view));
  }
  return needs;
}

/** What an instance takes of its node: what it declares, a limit counting as a promise where no reservation is given. */
function reservesOf(spec: ServiceSpec): Reserves {
  const swap = spec.memorySwapBytes !== undefined && spec.memorySwapBytes > 0 ? spec.memorySwapBytes : 0;
  return {
    cpus: spec.cpusReserved ?? spec.cpus ?? 0,
    memoryBytes: spec.memoryReservationBytes ?? spec.memoryBytes ?? swap,
    // On the node's own network the container itself listens, on every address.
    ports: spec.ports.map(({ protocol, ip, nodePort, containerPort }) =>
      spec.network === 'host' ? `${protocol}/0.0.0.0/${containerPort}` : `${protocol}/${ip}/${nodePort}`),
  };
}
