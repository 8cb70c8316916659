import { endpointOf, type Entry, type InstancePhase, isoTime, parseInstance, parseServiceRevision, type ReportBody, serviceOfSlot, serviceRevisionName, slotName, slotNumber } from '../../model/index.js';
import type { Resource, View } from '../../ports/index.js';
import { parseSlot, type Slot } from '../names.js';
import { confirmation } from './confirmation.js';
import { currentRevision } from './current-revision.js';
import { dataOf } from './data.js';
import { pendingSlots } from './pending-slots.js';
import { namesOf, resource, type Shape } from './resource.js';
import { silence } from './silence.js';

/** What is known of an instance: what its agent last said, unless nobody can know. */
export interface Seen {
  readonly phase: InstancePhase;
  readonly report: ReportBody | undefined;
  /** Why it is not running, what went wrong though it runs, or why nothing newer is known. */
  readonly reason: string | undefined;
  /** Its node is heard, so that the phase is true now. */
  readonly isKnown: boolean;
}

export function seen(entry: Entry<'Instance'>, view: View): Seen {
  const report = view.get('Report', entry.name)?.body;
  const silent = silence(entry.body.node, view);
  const waiting = entry.body.wanted === 'running' && report === undefined ? `waits for node ${entry.body.node}` : undefined;
  const held = waiting === undefined || !isStateful(entry, view) ? undefined : confirmation(entry.body.node, view);
  return { phase: report?.phase ?? 'pending', report, reason: held ?? silent ?? report?.reason ?? waiting, isKnown: silent === undefined };
}

const isStateful = ({ body }: Entry<'Instance'>, view: View): boolean => view.get('Service', serviceRevisionName(body.service, body.revision))?.body.spec.stateful ?? true;

/** Instances, and slots that have no node yet, under the name of the slot alone. */
export const instances: Shape = {
  names: (view) => [...namesOf(view, 'Instance'), ...view.list('Placement').flatMap(({ name }) => pendingNames(name, view))].sort(),

  describe: (view, name) => {
    const entry = view.get('Instance', name);
    return entry === undefined ? describePending(name, view) : describeInstance(entry, view);
  },

  watches: {
    // One that comes takes its slot's place among the pending.
    Instance: (name) => [name, name.slice(0, name.indexOf('@'))],
    Report: (name) => [name],
    Placement: (name, view) => pendingGroup(name, view),
    // The revision that a slot without a node waits to run.
    Service: (name, view) => pendingGroup(parseServiceRevision(name)?.service ?? name, view),
    Pulse: (node, view) => [...namesOn(node, view), ...boundTo(node, view)],
    Lease: (node, view) => namesOn(node, view),
    Node: (node, view) => [...namesOn(node, view), ...boundTo(node, view)],
    Health: (node, view) => boundTo(node, view),
    Binding: (slot, view) => ofSlot(slot, view),
    Move: (slot, view) => ofSlot(slot, view),
    Transfer: (slot, view) => ofSlot(slot, view),
  },

  groupOf: (name) => parseSlot(name)?.service,
};

/** The group of the service's slots without a node, and those that are in it now. */
const pendingGroup = (service: string, view: View): readonly string[] => [service, ...pendingNames(service, view)];

const pendingNames = (service: string, view: View): readonly string[] => pendingSlots(service, view).map((slot) => `${service}.${slot}`);

const namesOn = (node: string, view: View): readonly string[] => view.instancesOn(node).map(({ name }) => name);

/** The slot, and what runs in it. */
const ofSlot = (slot: string, view: View): readonly string[] =>
  [slot, ...view.instancesOf(serviceOfSlot(slot)).flatMap(({ name, body }) => (body.slot === slotNumber(slot) ? [name] : []))];

/** Those whose data lies on a node, be they there or not. */
const boundTo = (node: string, view: View): readonly string[] => view.list('Binding').flatMap(({ name, body }) => (body.node === node ? ofSlot(name, view) : []));

function describeInstance(entry: Entry<'Instance'>, view: View): Resource {
  const { service, slot, revision, node } = entry.body;
  const { phase, report, reason } = seen(entry, view);
  return resource('Instance', view.grid, entry, {
    spec: { service, slot, revision, node },
    status: {
      phase,
      health: report === undefined ? undefined : (report.health ?? 'none'),
      address: endpointOf(view, entry.name)?.address,
      container: report?.container,
      since: isoTime(report?.since ?? entry.updatedAt),
      restarts: report?.restarts ?? 0,
      reason,
      data: dataOf(slotName(service, slot), view),
      exitCode: report?.exitCode,
      output: report?.output,
    },
  });
}

function describePending(name: string, view: View): Resource | undefined {
  const id = parseInstance(name) === undefined ? parseSlot(name) : undefined;
  const placement = id === undefined ? undefined : view.get('Placement', id.service);
  if (id === undefined || placement?.body.slots.includes(id.slot) !== true || isTaken(id, view)) return undefined;
  return resource('Instance', view.grid, { ...placement, name }, {
    spec: { service: id.service, slot: id.slot, revision: currentRevision(id.service, view)?.revision },
    status: { phase: 'pending', since: isoTime(placement.updatedAt), restarts: 0, reason: placement.body.reason, data: dataOf(name, view) },
  });
}

const isTaken = ({ service, slot }: Slot, view: View): boolean => view.instancesOf(service).some(({ body }) => body.slot === slot && body.wanted === 'running');
