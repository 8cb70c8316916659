import { routeName } from './balancing.js';
import type { Entry } from './entry.js';
import type { Records } from './heads.js';
import { serviceRevisionName } from './names.js';
import { later, type Instant, type Millis } from './time.js';

/** Balancers that say nothing are waited for so long after an instance was ready; what came late to them comes by itself. */
const SILENCE_MS: Millis = 15_000;

/** Balancers that serve an instance, and do not send to it. */
export interface Awaited {
  /** Which, and why, in one sentence. */
  readonly why: string;
  /** One that is heard looked at it and finds it down, or none knows of it yet. */
  readonly isDown: boolean;
  /** Until when it is worth waiting for those that say nothing. */
  readonly until: Instant;
}

/**
 * What an instance waits for before it counts as serving: that all its balancers that run send to it. Undefined for what none
 * serves, or all do, and for what does not run. A balancer that refused the route as a whole is not waited for.
 */
export function awaitedOf(records: Records, { name, body: { service, revision } }: Entry<'Instance'>): Awaited | undefined {
  const report = records.get('Report', name);
  if (report?.body.phase !== 'running') return undefined;
  const links = records.get('Service', serviceRevisionName(service, revision))?.body.spec.links ?? [];
  const lacking = links.flatMap((link) => (records.get('Route', routeName(link.service, service))?.body.isServed === true ? lackingAt(link.service, { instance: name, service }, records) : []));
  const [first] = lacking;
  if (first === undefined) return undefined;
  const down = lacking.find(({ isDown }) => isDown);
  return { why: (down ?? first).why, isDown: down !== undefined, until: later(report.updatedAt, SILENCE_MS) };
}

/** Those that {@link awaitedOf} an instance asks, as far as they are told of in one record of Balancing. */
export const servicesToldOf = (records: Records, balancer: string): readonly string[] =>
  Object.keys(records.get('Balancing', balancer)?.body.routes ?? {}).map((route) => route.slice(route.indexOf(':') + 1));

type Lacking = Pick<Awaited, 'why' | 'isDown'>;

function lackingAt(balancer: string, { instance, service }: { readonly instance: string; readonly service: string }, records: Records): readonly Lacking[] {
  return records.instancesOf(balancer).filter((entry) => serves(entry, records)).flatMap(({ name, body }): readonly Lacking[] => {
    const route = records.get('Balancing', name)?.body.routes[routeName(balancer, service)];
    const server = route?.servers[instance];
    if (route?.refused !== undefined || server?.isUp === true) return [];
    if (records.get('Pulse', body.node)?.body.state !== 'heard') return [{ why: `${name} does not say that it knows ${instance}: node ${body.node} is not heard`, isDown: false }];
    return [server === undefined ? { why: `${name} does not know ${instance} yet`, isDown: false } : { why: `${name} does not send to ${instance}: ${server.reason ?? 'it is down'}`, isDown: true }];
  });
}

/** Whether an instance of a balancer is there, as far as is known: others have nobody to serve. */
const serves = ({ name, body: { node, wanted } }: Entry<'Instance'>, records: Records): boolean =>
  wanted === 'running' && records.get('Report', name)?.body.phase === 'running' && records.get('Health', node)?.body.phase !== 'offline';
