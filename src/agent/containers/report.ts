import { type Instant, later, type InstanceReport } from '../../model/index.js';
import type { Container } from '../../ports/index.js';
import type { Next } from './plan.js';
import type { Subject } from './subject.js';

type Report = InstanceReport['report'];

interface Reported extends Pick<Subject, 'container' | 'remembered' | 'report'> {
  readonly hooksDone: readonly string[];
}

/** What to say of an instance now, given what is known of it and what was said last. */
export function toReport(next: Next, { container, remembered, report: last, hooksDone }: Reported, now: Instant): Report {
  const before = last?.report;
  return withoutUndefined<Report>({
    phase: next.phase,
    health: next.health,
    address: container?.gridAddress,
    container: container?.id,
    since: before?.phase === next.phase ? before.since : since(next, container, now),
    restarts: remembered.restarts,
    reason: next.reason,
    exitCode: remembered.hookOutput === undefined ? remembered.end?.exitCode : undefined,
    output: remembered.hookOutput ?? remembered.end?.output,
    hooksDone: hooksDone.length === 0 ? undefined : hooksDone,
  });
}

const EPOCH = 0 as Instant;

/** What runs has run since the engine started it, whoever was looking. */
const since = ({ phase }: Next, container: Container | undefined, now: Instant): Instant =>
  phase === 'running' && container?.startedAtMs !== undefined ? later(EPOCH, container.startedAtMs) : now;

/** Whether two reports say the same. */
export const saysTheSame = (a: InstanceReport | undefined, b: InstanceReport): boolean => a !== undefined && JSON.stringify(a) === JSON.stringify(b);

const withoutUndefined = <T extends object>(fields: { readonly [K in keyof T]: T[K] | undefined }): T =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as T;
