/** Keeps on which node the data of each slot lies, as long as there is such data. */
import { parseInstance, parseServiceRevision, serviceOfSlot } from '../../src/model/index.js';
import type { View } from '../../src/ports/index.js';
import type { Controller } from '../../src/reconcile/index.js';
import { plan } from './plan.js';

const toList = (service: string | undefined): readonly string[] => (service === undefined ? [] : [service]);

/** Subject: a service. Reads: Service, Volume, Node, Instance, Binding, Transfer. Writes: Binding. */
export const volume: Controller = {
  name: 'volume',
  watches: {
    Instance: (name) => toList(parseInstance(name)?.service),
    Service: (name, view) => withData(parseServiceRevision(name)?.service, view),
    Volume: (name, view) => bound(view, ({ volumes }) => volumes.includes(name)),
    Node: (name, view) => bound(view, ({ node }) => node === name),
    Binding: (name) => [serviceOfSlot(name)],
    Transfer: (name) => [serviceOfSlot(name)],
  },
  subjects: (view) => [...new Set([...view.list('Instance').map(({ body }) => body.service), ...bound(view, () => true)])],
  plan,
};

/** A service matters here when it has instances, or had some that left data. */
const withData = (service: string | undefined, view: View): readonly string[] =>
  service !== undefined && view.list('Binding', `${service}.`).length > 0 ? [service] : [];

/** Services with data that lies as asked. */
const bound = (view: View, isMeant: (binding: { readonly node: string; readonly volumes: readonly string[] }) => boolean): readonly string[] =>
  [...new Set(view.list('Binding').filter(({ body }) => isMeant(body)).map(({ name }) => serviceOfSlot(name)))];
