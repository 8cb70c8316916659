import {
  type Change, containerPart, drop, type Entry, groupBy, parseServiceRevision, type Plan, put, type Revision, type ServiceSpec, serviceName, serviceRevisionName,
} from '../../src/model/index.js';
import type { View } from '../../src/ports/index.js';
import { isSame } from './same.js';
import { newestOpened, opening, reopened } from './versions.js';

/**
 * Decides which revisions of its services a stack has. What changes only numbers (instances, affinity, deploy) is written
 * into the newest record; what changes the containers gets a record of its own. What is no longer declared is kept, marked,
 * while an instance or a rollout refers to it.
 */
export function plan(stack: string, view: View): Plan<Change> {
  const declared = declaredServices(view.get('Stack', stack), view);
  const records = recordsByService(view.list('Service', `${stack}/`));
  const services = [...new Set([...declared.keys(), ...records.keys()])].sort();
  return {
    steps: services.flatMap((service) => {
      const versions = records.get(service) ?? [];
      const wanted = declared.get(service);
      const current = wanted === undefined ? undefined : currentRecord(service, wanted, versions);
      return [...(current === undefined ? [] : current.steps), ...retire(versions, current?.name, view)];
    }),
  };
}

interface Wanted {
  readonly spec: ServiceSpec;
  /** Of the newest record that says so: the Stack, or a secret that it opens. */
  readonly revision: Revision;
}

/** `todo/web` → what is declared, with the number of instances as last scaled, and the newest versions of what it opens. */
function declaredServices(stack: Entry<'Stack'> | undefined, view: View): ReadonlyMap<string, Wanted> {
  if (stack === undefined) return new Map();
  const { body: { spec, scaled }, revision } = stack;
  return new Map(
    Object.entries(spec.services).map(([name, service]) => [
      serviceName(stack.name, name),
      { spec: opening({ ...service, instances: scaled[name] ?? service.instances }, view), revision: Math.max(revision, newestOpened(service, view)) },
    ]),
  );
}

interface Version {
  readonly name: string;
  readonly service: string;
  readonly revision: Revision;
  readonly body: Entry<'Service'>['body'];
}

/** The records of each service, oldest revision first. */
function recordsByService(entries: readonly Entry<'Service'>[]): ReadonlyMap<string, readonly Version[]> {
  const versions = entries.flatMap(({ name, body }): readonly Version[] => {
    const id = parseServiceRevision(name);
    return id === undefined ? [] : [{ name, ...id, body }];
  });
  const sorted = versions.sort((a, b) => a.revision - b.revision);
  return groupBy(sorted, ({ service }) => service);
}

/** The record that says what is declared, and what must be written for it to do so. */
function currentRecord(service: string, { spec, revision }: Wanted, versions: readonly Version[]): { readonly name: string; readonly steps: readonly Change[] } {
  const newest = versions.at(-1);
  if (newest === undefined || !isSame(containerPart(newest.body.spec), containerPart(spec))) {
    const name = serviceRevisionName(service, revision);
    const why = newest === undefined ? 'declared' : whyAnew(newest, spec);
    return { name, steps: [put('Service', name, { spec, isCurrent: true }, why)] };
  }
  if (newest.body.isCurrent && isSame(newest.body.spec, spec)) return { name: newest.name, steps: [] };
  const why = newest.body.isCurrent ? whatChanged(newest.body.spec, spec) : 'declared again';
  return { name: newest.name, steps: [put('Service', newest.name, { spec, isCurrent: true }, why)] };
}

function whyAnew({ body, revision }: Version, after: ServiceSpec): string {
  const changed = reopened(body.spec, after);
  return changed === undefined ? `declared anew: replaces revision ${revision}` : `${changed} changed: replaces revision ${revision}`;
}

function whatChanged(before: ServiceSpec, after: ServiceSpec): string {
  if (before.instances !== after.instances) return `scaled from ${before.instances} to ${after.instances}`;
  return isSame(before.affinity, after.affinity) ? 'the way it is deployed changed' : 'its affinity changed';
}

/** Drops what nothing refers to any more, and marks the rest as no longer declared. */
function retire(versions: readonly Version[], current: string | undefined, view: View): readonly Change[] {
  return versions.flatMap((version) => {
    if (version.name === current) return [];
    if (!isReferredTo(version, view)) return [drop('Service', version.name, 'nothing refers to it any more')];
    if (!version.body.isCurrent) return [];
    return [put('Service', version.name, { ...version.body, isCurrent: false }, 'no longer declared in this form')];
  });
}

function isReferredTo({ service, revision }: Version, view: View): boolean {
  if (view.instancesOf(service).some(({ body }) => body.revision === revision)) return true;
  const [stack, name] = service.split('/') as [string, string];
  const rollout = view.get('Rollout', stack)?.body.services[name];
  return rollout !== undefined && (rollout.revision === revision || Object.values(rollout.still).includes(revision));
}
