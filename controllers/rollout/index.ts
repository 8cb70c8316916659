/** Moves services from one revision of their declaration to the next, some slots at a time, and back when that fails. */
import { parseInstance, parseServiceRevision, type RolloutBody, serviceName, serviceRevisionName } from '../../src/model/index.js';
import type { View } from '../../src/ports/index.js';
import type { Controller } from '../../src/reconcile/index.js';
import { needsProof } from './goal.js';
import { plan } from './plan.js';

const stackOf = (name: string): string => name.slice(0, name.indexOf('/'));

/** Subject: a stack. Reads: Service, Rollout, Instance, Report, Health. Writes: Rollout. */
export const rollout: Controller = {
  name: 'rollout',
  watches: {
    Service: (name) => (parseServiceRevision(name) === undefined ? [] : [stackOf(name)]),
    Rollout: (name) => [name],
    Instance: (name, view) => ifUnderWay(stackOfInstance(name), view),
    Report: (name, view) => ifUnderWay(stackOfInstance(name), view),
    Health: (node, view) => [...new Set(view.instancesOn(node).map(({ body }) => stackOf(body.service)))].flatMap((stack) => ifUnderWay(stack, view)),
  },
  subjects: (view) => [
    ...new Set([...view.list('Service').map(({ name }) => stackOf(name)), ...view.list('Rollout').map(({ name }) => name)]),
  ],
  plan,
};

const stackOfInstance = (instance: string): string | undefined => parseInstance(instance)?.stack;

/** What becomes of instances matters to a rollout only while a slot is behind, or while it is to be seen that all serve. */
function ifUnderWay(stack: string | undefined, view: View): readonly string[] {
  if (stack === undefined) return [];
  const rollout = view.get('Rollout', stack)?.body;
  if (rollout === undefined) return [];
  const { isMoving, unproven } = outlookOf(stack, rollout);
  return isMoving || unproven.some((name) => needsProof(view.get('Service', name)?.body.spec.deploy)) ? [stack] : [];
}

interface Outlook {
  readonly isMoving: boolean;
  /** Revisions of services that were never seen to be served by all their slots. */
  readonly unproven: readonly string[];
}

/** Asked for every instance of a stack that says something; records are frozen, so the answer is worked out once. */
const answers = new WeakMap<RolloutBody, Outlook>();

function outlookOf(stack: string, rollout: RolloutBody): Outlook {
  const known = answers.get(rollout);
  if (known !== undefined) return known;
  const services = Object.entries(rollout.services);
  const answer = {
    isMoving: services.some(([, { still, round }]) => round !== undefined || Object.keys(still).length > 0),
    unproven: services.flatMap(([name, { revision, complete }]) => (complete?.revision === revision ? [] : [serviceRevisionName(serviceName(stack, name), revision)])),
  };
  answers.set(rollout, answer);
  return answer;
}
