import {
  type Change, containerPart, drop, type Entry, groupBy, inPlace, isSame, parseServiceRevision, type Plan, put, type Revision, type ServiceBody, type ServiceRollout, type ServiceSpec, serviceName, serviceRevisionName,
} from '../../src/model/index.js';
import type { View } from '../../src/ports/index.js';
import { newestOpened, opening, reopened } from './versions.js';

/**
 * Decides which revisions of its services a stack has. What does not touch the containers (instances, affinity, deploy, how it
 * is balanced or balances) is
 * written into the records that are there; what does gets a record of its own. What is no longer declared is kept, marked,
 * while an instance or a rollout refers to it, be it only to go back to it.
 */
export function plan(stack: string, view: View): Plan<Change> {
  const declared = declaredServices(view.get('Stack', stack), view);
  const records = recordsByService(view.list('Service', `${stack}/`));
  const services = [...new Set([...declared.keys(), ...records.keys()])].sort();
  return {
    steps: services.flatMap((service) => {
      const versions = records.get(service) ?? [];
      const wanted = declared.get(service);
      const current = wanted === undefined ? undefined : currentRecord(service, wanted, versions, view);
      return [...(current === undefined ? [] : current.steps), ...retire(versions, { current: current?.name, wanted }, view)];
    }),
  };
}

interface Wanted {
  readonly spec: ServiceSpec;
  /** Of the newest record that says so: the Stack, or a secret that it opens. */
  readonly revision: Revision;
  readonly retries: number;
  readonly isStopped: boolean;
  readonly rounds: number;
}

/** `todo/web` → what is declared, with the number of instances as last scaled, and the newest versions of what it opens. */
function declaredServices(stack: Entry<'Stack'> | undefined, view: View): ReadonlyMap<string, Wanted> {
  if (stack === undefined) return new Map();
  const { body: { spec, scaled, retries = {}, stopped = [], rounds = {} }, revision } = stack;
  return new Map(
    Object.entries(spec.services).map(([name, service]) => [
      serviceName(stack.name, name),
      {
        spec: opening({ ...service, instances: scaled[name] ?? service.instances }, view), revision: Math.max(revision, newestOpened(service, view)),
        retries: retries[name] ?? 0, isStopped: stopped.includes(name), rounds: rounds[name] ?? 0,
      },
    ]),
  );
}

interface Version {
  readonly name: string;
  readonly service: string;
  readonly revision: Revision;
  readonly body: ServiceBody;
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

/** The record that says what is declared, and what must be written for it to do so: the current one, the newest, the one that a failed rollout went back to, or another. */
function currentRecord(service: string, wanted: Wanted, versions: readonly Version[], view: View): { readonly name: string; readonly steps: readonly Change[] } {
  const { spec, revision, retries } = wanted;
  const rollout = rolloutOf(service, view);
  const wentBackTo = rollout?.reverted === undefined ? undefined : rollout.revision;
  const mayServe = (version: Version): boolean => version.body.isCurrent || version === versions.at(-1) || version.revision === wentBackTo;
  const same = versions.findLast((version) => mayServe(version) && isSame(containerPart(version.body.spec), containerPart(spec)));
  const body = { spec, isCurrent: true, ...(retries === 0 ? {} : { retries }), ...byHand(wanted) };
  if (same === undefined) {
    const name = serviceRevisionName(service, revision);
    const replaced = versions.findLast(({ body: { isCurrent } }) => isCurrent) ?? versions.at(-1);
    const why = replaced === undefined ? 'declared' : whyAnew(replaced, spec);
    return { name, steps: [put('Service', name, body, why)] };
  }
  if (isSame(same.body, body)) return { name: same.name, steps: [] };
  const why = same.body.isCurrent ? whatChanged(same.body, body) : 'declared again';
  return { name: same.name, steps: [put('Service', same.name, body, why)] };
}

/** What people say beside the declaration: the same in every record that is kept. */
const byHand = ({ isStopped, rounds }: Wanted): Pick<ServiceBody, 'isStopped' | 'rounds'> => ({ ...(isStopped ? { isStopped } : {}), ...(rounds === 0 ? {} : { rounds }) });

function whyAnew({ body, revision }: Version, after: ServiceSpec): string {
  const changed = reopened(body.spec, after);
  return changed === undefined ? `declared anew: replaces revision ${revision}` : `${changed} changed: replaces revision ${revision}`;
}

function whatChanged({ spec: before, retries, isStopped, rounds }: ServiceBody, { spec: after, ...body }: ServiceBody): string {
  if (isStopped !== body.isStopped) return body.isStopped === true ? 'it is to stand still' : 'it is to run again';
  if (retries !== body.retries) return 'applied again: a new attempt';
  if (rounds !== body.rounds) return 'its instances are to be replaced by their like';
  if (before.instances !== after.instances) return `scaled from ${before.instances} to ${after.instances}`;
  if (!isSame(before.affinity, after.affinity)) return 'its affinity changed';
  if (!isSame(before.route, after.route)) return 'the way it is served changed';
  return isSame(before.balancer, after.balancer) ? 'the way it is deployed changed' : 'what it is as a balancer changed';
}

/** Drops what nothing refers to any more, and marks the rest as no longer declared; what is no part of a revision changes in them, too. */
function retire(versions: readonly Version[], { current, wanted }: { readonly current: string | undefined; readonly wanted: Wanted | undefined }, view: View): readonly Change[] {
  return versions.flatMap(({ name, body, ...id }) => {
    if (name === current) return [];
    if (!isReferredTo(id, view)) return [drop('Service', name, 'nothing refers to it any more')];
    const after: ServiceBody = wanted === undefined ? { spec: body.spec, isCurrent: false } : { spec: inPlace(body.spec, wanted.spec), isCurrent: false, ...byHand(wanted) };
    const why = body.isCurrent ? 'no longer declared in this form' : whatChanged(body, after);
    return isSame(body, after) ? [] : [put('Service', name, after, why)];
  });
}

function isReferredTo({ service, revision }: Pick<Version, 'service' | 'revision'>, view: View): boolean {
  if (view.instancesOf(service).some(({ body }) => body.revision === revision)) return true;
  const rollout = rolloutOf(service, view);
  if (rollout === undefined) return false;
  return rollout.revision === revision || rollout.complete?.revision === revision || Object.values(rollout.still).includes(revision);
}

function rolloutOf(service: string, view: View): ServiceRollout | undefined {
  const [stack, name] = service.split('/') as [string, string];
  return view.get('Rollout', stack)?.body.services[name];
}
