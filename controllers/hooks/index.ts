/** Keeps which hooks of `oneshot` each slot of a service has behind it, wherever its instances run. */
import { parseInstance, parseServiceRevision, serviceOfSlot } from '../../src/model/index.js';
import type { Controller } from '../../src/reconcile/index.js';
import { plan } from './plan.js';

const toList = (service: string | undefined): readonly string[] => (service === undefined ? [] : [service]);

/** Subject: a service. Reads: Service, Instance, Report, HooksDone. Writes: HooksDone. */
export const hooks: Controller = {
  name: 'hooks',
  watches: {
    Report: (name, view) => (view.get('Report', name)?.body.hooksDone === undefined ? [] : toList(parseInstance(name)?.service)),
    // Only a service that is gone sets them free.
    Service: (name, view) => (view.get('Service', name) === undefined ? toList(parseServiceRevision(name)?.service) : []),
    HooksDone: (name) => [serviceOfSlot(name)],
  },
  subjects: (view) => [
    ...new Set([
      ...view.list('HooksDone').map(({ name }) => serviceOfSlot(name)),
      ...view.list('Report').flatMap(({ name, body }) => (body.hooksDone === undefined ? [] : toList(parseInstance(name)?.service))),
    ]),
  ],
  plan,
};
