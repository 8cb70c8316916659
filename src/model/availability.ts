import type { HealthBody, InstanceBody, ReportBody } from './records.js';
import { askedHealthCheck, type ServiceSpec } from './service.js';

/** Whether an instance serves. `unknown`: nobody has said yet, as after a start of the master. */
export type Availability = 'available' | 'unavailable' | 'unknown';

export interface Witness {
  readonly instance: InstanceBody;
  readonly report: ReportBody | undefined;
  /** Of the instance's node. */
  readonly health: HealthBody | undefined;
  /** What the instance is made from; says whether health is checked. */
  readonly spec: ServiceSpec | undefined;
}

/** An instance serves when its node is not lost, its agent says that it runs, and its health check, where there is one, agrees. */
export function availabilityOf({ instance, report, health, spec }: Witness): Availability {
  if (instance.wanted === 'stopped' || health === undefined || health.phase === 'offline') return 'unavailable';
  if (report?.node !== instance.node) return 'unknown';
  if (report.phase !== 'running') return 'unavailable';
  return isHealthy(report, spec) ? 'available' : 'unavailable';
}

/** Whether its health check agrees, the service's own or its image's. Of one that its agent makes, silence is no agreement. */
export const isHealthy = (report: Pick<ReportBody, 'health'> | undefined, spec: ServiceSpec | undefined): boolean =>
  report?.health === undefined ? spec === undefined || askedHealthCheck(spec) === undefined : report.health === 'healthy';

/** Told to stop, and its agent says that nothing of it is left. */
export const hasStopped = ({ wanted, node }: InstanceBody, report: ReportBody | undefined): boolean => wanted === 'stopped' && report?.phase === 'stopped' && report.node === node;

/** Why an unhealthy instance is so, behind words that say that it is: agents say `unhealthy: answered 500`. */
export const causeOf = (reason: string): string => reason.replace(/^unhealthy: /, '');

/** Whether something is wrong with it now: it cannot begin, it ended, or its health check fails. */
export const isFailing = ({ phase, health }: Pick<ReportBody, 'phase' | 'health'>): boolean => phase === 'failed' || health === 'unhealthy';

/**
 * How many of `instances` may be unavailable while others are replaced: what `minHealth` (0 to 1) leaves, at least one,
 * or nothing could ever be replaced. Counted in millionths, as 100 × 0.07 in floating point is a little above 7.
 */
export function maxUnavailable(instances: number, minHealth: number): number {
  const mustStay = Math.ceil((instances * Math.round(minHealth * 1_000_000)) / 1_000_000);
  return Math.max(1, instances - mustStay);
}
