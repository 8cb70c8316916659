/** Decides which instances of each service exist, and on which nodes. */
import { parseInstance, parseServiceRevision, serviceName, serviceOfSlot, servicesToldOf } from '../../src/model/index.js';
import type { View } from '../../src/ports/index.js';
import type { Controller } from '../../src/reconcile/index.js';
import { plan } from './plan.js';

export { explain } from './explain.js';

/** Subject: a service. Reads: Rollout, Service, Grid, Node, Health, Facts, Volume, Binding, Move, Transfer, Instance, Report, Pulse, Route, Balancing, Placement. Writes: Instance, Placement. */
export const scheduler: Controller = {
  name: 'scheduler',
  watches: {
    Rollout: (name, view) => servicesOf(name, view),
    Service: (name) => toList(parseServiceRevision(name)?.service),
    Instance: (name, view) => [...toList(parseInstance(name)?.service), ...waitingFor(name, view)],
    Report: (name) => toList(parseInstance(name)?.service),
    Balancing: (balancer, view) => servicesToldOf(view, balancer).filter((service) => isMoving(service, view)),
    Node: servicesAt,
    Health: servicesAt,
    Facts: servicesAt,
    Volume: (_name, view) => waiting(view),
    Binding: (name) => [serviceOfSlot(name)],
    Move: (name) => [serviceOfSlot(name)],
    Transfer: (name) => [serviceOfSlot(name)],
    Grid: (_name, view) => subjects(view),
  },
  subjects,
  plan,
};

const toList = (service: string | undefined): readonly string[] => (service === undefined ? [] : [service]);

function subjects(view: View): readonly string[] {
  const declared = view.list('Service').flatMap(({ name }) => toList(parseServiceRevision(name)?.service));
  const running = view.list('Instance').map(({ body }) => body.service);
  return [...new Set([...declared, ...running, ...view.list('Placement').map(({ name }) => name)])];
}

/** Whether it matters to a service what its balancers know: an instance is to make way for another, or for a drain. */
function isMoving(service: string, view: View): boolean {
  const instances = view.instancesOf(service).filter(({ body }) => body.wanted === 'running');
  return new Set(instances.map(({ body }) => body.slot)).size < instances.length || instances.some(({ body }) => view.get('Node', body.node)?.body.availability === 'drain');
}

/** Those of a stack: what its rollout says, and what it no longer says. */
function servicesOf(stack: string, view: View): readonly string[] {
  const told = Object.keys(view.get('Rollout', stack)?.body.services ?? {}).map((service) => serviceName(stack, service));
  const running = view.list('Instance', `${stack}/`).map(({ body }) => body.service);
  const waiting = view.list('Placement', `${stack}/`).map(({ name }) => name);
  return [...new Set([...told, ...running, ...waiting])];
}

/** What a change of a node concerns: what runs there, what waits for any node, and what is to be on every node. */
function servicesAt(node: string, view: View): readonly string[] {
  const there = view.instancesOn(node).map(({ body }) => body.service);
  const daemons = view.list('Service').filter(({ body }) => body.spec.deploy.strategy === 'daemon').flatMap(({ name }) => toList(parseServiceRevision(name)?.service));
  return [...new Set([...there, ...waiting(view), ...daemons])];
}

/** Services with slots that have no node. */
const waiting = (view: View): readonly string[] => view.list('Placement').map(({ name }) => name);

/** What waits for room is concerned when an instance has gone, what waits for company when one has come. */
function waitingFor(instance: string, view: View): readonly string[] {
  const isGone = view.get('Instance', instance) === undefined;
  return view.list('Placement').filter(({ body }) => isGone || body.refusals.some(({ filter }) => filter === 'affinity' || filter === 'dependency')).map(({ name }) => name);
}
