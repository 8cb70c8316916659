/** Moves services from one revision of their declaration to the next, some slots at a time, and back when that fails. */
import { parseInstance, parseService, parseServiceRevision, type RolloutBody, servicesToldOf, type ServiceRollout, serviceRevisionName } from '../../src/model/index.js';
import type { View } from '../../src/ports/index.js';
import type { Controller } from '../../src/reconcile/index.js';
import { needsProof } from './goal.js';
import { plan } from './plan.js';

const stackOf = (name: string): string => name.slice(0, name.indexOf('/'));

/** Subject: a stack. Reads: Service, Rollout, Instance, Report, Health, Pulse, Route, Balancing. Writes: Rollout. */
export const rollout: Controller = {
  name: 'rollout',
  watches: {
    Service: (name) => (parseServiceRevision(name) === undefined ? [] : [stackOf(name)]),
    Rollout: (name) => [name],
    Instance: (name, view) => ifUnderWay(parseInstance(name)?.service, view),
    Report: (name, view) => ifUnderWay(parseInstance(name)?.service, view),
    Balancing: (balancer, view) => servicesToldOf(view, balancer).flatMap((service) => ifUnderWay(service, view)),
    Health: (node, view) => [...new Set(view.instancesOn(node).map(({ body }) => body.service))].flatMap((service) => ifUnderWay(service, view)),
  },
  subjects: (view) => [
    ...new Set([...view.list('Service').map(({ name }) => stackOf(name)), ...view.list('Rollout').map(({ name }) => name)]),
  ],
  plan,
};

/** The stack of a service, if what becomes of its instances matters: while a slot of the stack is behind or a service waits to begin, or while it is to be seen that all of the service's serve. */
function ifUnderWay(service: string | undefined, view: View): readonly string[] {
  const names = service === undefined ? undefined : parseService(service);
  const rollout = names === undefined ? undefined : view.get('Rollout', names.stack)?.body;
  if (service === undefined || names === undefined || rollout === undefined) return [];
  return isMoving(rollout) || isUnproven(service, rollout.services[names.service], view) ? [names.stack] : [];
}

const isUnproven = (service: string, own: ServiceRollout | undefined, view: View): boolean =>
  own !== undefined && own.complete?.revision !== own.revision && needsProof(view.get('Service', serviceRevisionName(service, own.revision))?.body.spec.deploy);

/** Asked for every instance of a stack that says something; records are frozen, so the answer is worked out once. */
const answers = new WeakMap<RolloutBody, boolean>();

function isMoving(rollout: RolloutBody): boolean {
  const known = answers.get(rollout);
  if (known !== undefined) return known;
  const answer = rollout.waits !== undefined || Object.values(rollout.services).some(({ still, round }) => round !== undefined || Object.keys(still).length > 0);
  answers.set(rollout, answer);
  return answer;
}
