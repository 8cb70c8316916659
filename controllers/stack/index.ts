/** Turns what a stack declares into services, one record per revision of their declaration. */
import { opened, parseInstance, parseService, parseServiceRevision, type VaultItem } from '../../src/model/index.js';
import type { View } from '../../src/ports/index.js';
import type { Controller } from '../../src/reconcile/index.js';
import { plan } from './plan.js';

const stackOf = (service: string | undefined): readonly string[] => {
  const names = service === undefined ? undefined : parseService(service);
  return names === undefined ? [] : [names.stack];
};

/** Subject: a stack. Reads: Stack, Secret, Certificate, Service, Rollout, Instance. Writes: Service. */
export const stack: Controller = {
  name: 'stack',
  watches: {
    Stack: (name) => [name],
    Secret: (name, view) => stacksOpening({ kind: 'Secret', name }, view),
    Certificate: (name, view) => stacksOpening({ kind: 'Certificate', name }, view),
    Service: (name) => stackOf(parseServiceRevision(name)?.service),
    Rollout: (name) => [name],
    // Only an instance that is gone sets a revision free.
    Instance: (name, view) => (view.get('Instance', name) === undefined ? stackOf(serviceOf(name)) : []),
  },
  subjects: (view) => [
    ...new Set([
      ...view.list('Stack').map(({ name }) => name),
      ...view.list('Service').flatMap(({ name }) => stackOf(parseServiceRevision(name)?.service)),
    ]),
  ],
  plan,
};

/** Stacks with a service that opens this. */
const stacksOpening = ({ kind, name }: VaultItem, view: View): readonly string[] =>
  view
    .list('Stack')
    .filter(({ body }) => Object.values(body.spec.services).flatMap(opened).some((use) => use.kind === kind && use.name === name))
    .map((found) => found.name);

const serviceOf = (instance: string): string | undefined => parseInstance(instance)?.service;
