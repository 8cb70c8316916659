/** Moves services from one revision of their declaration to the next, some slots at a time. */
import { parseInstance, parseServiceRevision, type RolloutBody } from '../../src/model/index.js';
import type { View } from '../../src/ports/index.js';
import type { Controller } from '../../src/reconcile/index.js';
import { plan } from './plan.js';

const stackOf = (name: string): string => name.slice(0, name.indexOf('/'));

/** Subject: a stack. Reads: Service, Instance, Report, Health. Writes: Rollout. */
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

/** What becomes of instances matters to a rollout only while a slot is behind. */
function ifUnderWay(stack: string | undefined, view: View): readonly string[] {
  if (stack === undefined) return [];
  const rollout = view.get('Rollout', stack)?.body;
  return rollout !== undefined && isUnderWay(rollout) ? [stack] : [];
}

/** Asked for every instance of a stack that says something; records are frozen, so the answer is worked out once. */
const answers = new WeakMap<RolloutBody, boolean>();

function isUnderWay(rollout: RolloutBody): boolean {
  const known = answers.get(rollout);
  if (known !== undefined) return known;
  const answer = Object.values(rollout.services).some(({ still }) => Object.keys(still).length > 0);
  answers.set(rollout, answer);
  return answer;
}
