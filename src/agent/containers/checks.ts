import { type AskedHealthCheck, askedHealthCheck, elapsedMs, type Instant, later, type Millis, type ReportBody, type ServiceSpec, takesImageCheck } from '../../model/index.js';
import type { Answer, Container } from '../../ports/index.js';

/** How often a port is asked whether it answers yet, how long one asking may take, and when it is called a failure unless the service says. */
const PORT_EVERY_MS: Millis = 1_000;
const PORT_TIMEOUT_MS: Millis = 1_000;
const PORT_PATIENCE_SECONDS = 60;

/** Answers kept for those who ask after them. */
const ANSWERS_KEPT = 5;

/** What is known of how a running container serves. Begins anew with each start. */
export interface Checks {
  /** The start of the container that this is about, as the engine says: it goes by a clock that may be set. */
  readonly startedAtMs: number;
  /** Since when it runs, by the agent's own time. */
  readonly since: Instant;
  readonly isReady: boolean;
  readonly health: NonNullable<ReportBody['health']>;
  readonly hasBeenHealthy: boolean;
  /** Good answers to the health check in a row, */
  readonly good: number;
  /** or bad ones. */
  readonly bad: number;
  readonly nextAt: Instant;
  /** What was wrong when it was last asked. */
  readonly reason?: string | undefined;
}

/** What came of asking a container, and when. */
export interface Answered extends Answer {
  readonly of: Check['of'];
  readonly at: Instant;
  readonly tookMs: Millis;
}

export type Check = { readonly of: 'port'; readonly port: number; readonly timeoutMs: Millis } | { readonly of: 'health'; readonly spec: AskedHealthCheck; readonly timeoutMs: Millis };

/** Of a container that was just seen to run. */
export const freshChecks = ({ startedAtMs = 0 }: Container, since: Instant): Checks =>
  ({ startedAtMs, since, isReady: false, health: 'starting', hasBeenHealthy: false, good: 0, bad: 0, nextAt: since });

/** What to ask the container next, and when. */
export function nextCheck(spec: ServiceSpec, checks: Checks): { readonly check: Check; readonly at: Instant } | undefined {
  const { waitForPort } = spec.deploy;
  const healthCheck = askedHealthCheck(spec);
  if (waitForPort !== undefined && !checks.isReady) return { check: { of: 'port', port: waitForPort, timeoutMs: PORT_TIMEOUT_MS }, at: checks.nextAt };
  if (healthCheck === undefined) return undefined;
  const firstAt = later(checks.since, healthCheck.initialDelaySeconds * 1000);
  return { check: { of: 'health', spec: healthCheck, timeoutMs: healthCheck.timeoutSeconds * 1000 }, at: elapsedMs(firstAt, checks.nextAt) > 0 ? checks.nextAt : firstAt };
}

/** The last answers, with one more, oldest first. */
export const withAnswer = (answers: readonly Answered[], answer: Answered): readonly Answered[] => [...answers, answer].slice(-ANSWERS_KEPT);

/** What is known after the container was asked. */
export function afterCheck(checks: Checks, check: Check, { isGood, said }: Answer, now: Instant): Checks {
  const asked = { ...checks, reason: isGood ? undefined : said };
  if (check.of === 'port') return { ...asked, isReady: isGood, nextAt: isGood ? now : later(now, PORT_EVERY_MS) };
  const [good, bad] = isGood ? [checks.good + 1, 0] : [0, checks.bad + 1];
  return { ...withHealth(asked, healthAfter(checks.health, { good, bad }, check.spec)), good, bad, nextAt: later(now, check.spec.intervalSeconds * 1000) };
}

function healthAfter(before: Checks['health'], { good, bad }: Pick<Checks, 'good' | 'bad'>, { successes = 1, retries }: AskedHealthCheck): Checks['health'] {
  if (good >= successes) return 'healthy';
  return bad >= retries ? 'unhealthy' : before;
}

/** What is known after the engine has made the check of the image. */
export function withEngineHealth(checks: Checks, { state, answers }: NonNullable<Container['health']>): Checks {
  const last = answers.at(-1);
  return { ...withHealth(checks, state), reason: last?.isGood === false ? last.said : undefined };
}

const withHealth = (checks: Checks, health: Checks['health']): Checks => ({ ...checks, health, hasBeenHealthy: checks.hasBeenHealthy || health === 'healthy' });

/** Whether the engine makes a health check of it that counts. */
export const isCheckedByEngine = (spec: ServiceSpec, { health }: Container): boolean => health !== undefined && takesImageCheck(spec);

/** Whether it counts as started. */
export const isReady = ({ deploy }: ServiceSpec, checks: Checks): boolean => deploy.waitForPort === undefined || checks.isReady;

/** Why it counts as failed: its port has been waited for in vain. Undefined while there is time, or before it was asked. */
export function overdue({ deploy: { waitForPortSeconds = PORT_PATIENCE_SECONDS } }: ServiceSpec, { since, reason }: Checks, now: Instant): string | undefined {
  return reason === undefined || elapsedMs(since, now) < waitForPortSeconds * 1000 ? undefined : `${reason} (waited ${waitForPortSeconds} s for it)`;
}
