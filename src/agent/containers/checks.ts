import { elapsedMs, type HealthCheckSpec, type Instant, later, type Millis, type ReportBody, type ServiceSpec } from '../../model/index.js';
import type { Container } from '../../ports/index.js';

/** How often a port is asked whether it answers yet, how long one asking may take, and when it is called a failure. */
const PORT_EVERY_MS: Millis = 1_000;
const PORT_TIMEOUT_MS: Millis = 1_000;
const PORT_PATIENCE_MS: Millis = 300_000;

/** What is known of how a running container serves. Begins anew with each start. */
export interface Checks {
  /** The start of the container that this is about, as the engine says: it goes by a clock that may be set. */
  readonly startedAtMs: number;
  /** Since when it runs, by the agent's own time. */
  readonly since: Instant;
  readonly isReady: boolean;
  readonly health: NonNullable<ReportBody['health']>;
  /** Bad answers to the health check in a row. */
  readonly bad: number;
  readonly nextAt: Instant;
  /** What was wrong when it was last asked. */
  readonly reason?: string | undefined;
}

export type Check = { readonly of: 'port'; readonly port: number; readonly timeoutMs: Millis } | { readonly of: 'health'; readonly spec: HealthCheckSpec; readonly timeoutMs: Millis };

/** Of a container that was just seen to run. */
export const freshChecks = ({ startedAtMs = 0 }: Container, since: Instant): Checks => ({ startedAtMs, since, isReady: false, health: 'starting', bad: 0, nextAt: since });

/** What to ask the container next, and when. */
export function nextCheck(spec: ServiceSpec, checks: Checks): { readonly check: Check; readonly at: Instant } | undefined {
  const { deploy, healthCheck } = spec;
  if (deploy.waitForPort !== undefined && !checks.isReady) return { check: { of: 'port', port: deploy.waitForPort, timeoutMs: PORT_TIMEOUT_MS }, at: checks.nextAt };
  if (healthCheck === undefined) return undefined;
  const firstAt = later(checks.since, healthCheck.initialDelaySeconds * 1000);
  return { check: { of: 'health', spec: healthCheck, timeoutMs: healthCheck.timeoutSeconds * 1000 }, at: elapsedMs(firstAt, checks.nextAt) > 0 ? checks.nextAt : firstAt };
}

/** What is known after the container was asked; `reason` is what was wrong, if anything. */
export function afterCheck(checks: Checks, check: Check, reason: string | undefined, now: Instant): Checks {
  if (check.of === 'port') return { ...checks, isReady: reason === undefined, reason, nextAt: reason === undefined ? now : later(now, PORT_EVERY_MS) };
  const bad = reason === undefined ? 0 : checks.bad + 1;
  const nextAt = later(now, check.spec.intervalSeconds * 1000);
  if (bad === 0) return { ...checks, bad, health: 'healthy', reason, nextAt };
  return { ...checks, bad, health: bad >= check.spec.retries ? 'unhealthy' : checks.health, reason, nextAt };
}

/** Whether it counts as started. */
export const isReady = ({ deploy }: ServiceSpec, checks: Checks): boolean => deploy.waitForPort === undefined || checks.isReady;

/** Whether its port has been waited for in vain. */
export const isOverdue = ({ since }: Checks, now: Instant): boolean => elapsedMs(since, now) >= PORT_PATIENCE_MS;
