import { type CheckAnswer, elapsedMs, type Instant, type Millis, type ServiceSpec } from '../../model/index.js';
import type { Container } from '../../ports/index.js';
import { type Answered, isCheckedByEngine } from './checks.js';

/** What an instance answered its agent, as it is told to those who ask. */
export const toCheckAnswers = (answers: readonly Answered[], now: Instant): readonly CheckAnswer[] => answers.map(({ at, ...answer }) => ({ ...answer, agoMs: elapsedMs(at, now) }));

/** What it answered the engine, where that makes the check. @param wallMs the machine's time of day, by which the engine goes too */
export function engineAnswers(spec: ServiceSpec | undefined, container: Container, wallMs: Millis): readonly CheckAnswer[] {
  if (spec === undefined || !isCheckedByEngine(spec, container)) return [];
  return (container.health?.answers ?? []).map(({ atMs, ...answer }) => ({ ...answer, of: 'health', agoMs: wallMs - atMs }));
}
