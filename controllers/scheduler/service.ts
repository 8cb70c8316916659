import {
  type Entry, groupBy, hasStopped, maxUnavailable, parseService, type Revision, type ServiceRollout, type ServiceSpec, serviceRevisionName,
} from '../../src/model/index.js';
import type { View } from '../../src/ports/index.js';

/** What one service is to be, according to its rollout. */
export interface ServiceOrder {
  /** `todo/web`. */
  readonly name: string;
  readonly revision: Revision;
  readonly spec: ServiceSpec;
  readonly still: ServiceRollout['still'];
  /** Instances of older rounds make way, but in the slots of `still`. */
  readonly round: Revision | undefined;
  /** Nothing of it is to run. */
  readonly isStopped: boolean;
}

/** What the service is to be; undefined when it is not to be at all; `unknown` when what its rollout refers to is not there. */
export function orderOf(service: string, view: View): ServiceOrder | 'unknown' | undefined {
  const names = parseService(service);
  const rollout = names === undefined ? undefined : view.get('Rollout', names.stack)?.body.services[names.service];
  if (rollout === undefined) return undefined;
  const body = view.get('Service', serviceRevisionName(service, rollout.revision))?.body;
  return body === undefined ? 'unknown' : { name: service, revision: rollout.revision, spec: body.spec, still: rollout.still, round: rollout.round, isStopped: body.isStopped ?? false };
}

export const specOf = (service: string, revision: Revision, view: View): ServiceSpec | undefined =>
  view.get('Service', serviceRevisionName(service, revision))?.body.spec;

/** Which revision a slot is to run now. rollout says it; nothing is compared here. */
export const revisionOf = ({ revision, still }: ServiceOrder, slot: number): Revision => still[String(slot)] ?? revision;

/** Of `slots` slots, how many may be missing while others move. */
export const mayBeMissing = ({ spec }: ServiceOrder, slots: number): number => maxUnavailable(slots, spec.deploy.minHealth);

/** Instances by slot; in each, the newest last. */
export const bySlot = (instances: readonly Entry<'Instance'>[]): ReadonlyMap<number, readonly Entry<'Instance'>[]> =>
  groupBy(instances, ({ body }) => body.slot);

/** The specs of one service by revision, each looked up once. */
export class Specs {
  readonly #service: string;
  readonly #view: View;
  readonly #known = new Map<Revision, ServiceSpec | undefined>();

  constructor(service: string, view: View) {
    this.#service = service;
    this.#view = view;
  }

  of(revision: Revision): ServiceSpec | undefined {
    if (!this.#known.has(revision)) this.#known.set(revision, specOf(this.#service, revision, this.#view));
    return this.#known.get(revision);
  }
}

/** Stopped, and its agent says that nothing of it is left; or its node belongs to the grid no more. */
export function isGone({ name, body }: Entry<'Instance'>, view: View): boolean {
  return view.get('Node', body.node) === undefined || hasStopped(body, view.get('Report', name)?.body);
}
