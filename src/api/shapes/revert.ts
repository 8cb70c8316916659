import { parseService, type Reverted, type Revision } from '../../model/index.js';
import type { View } from '../../ports/index.js';
import { currentRevision } from './current-revision.js';

export interface Revert extends Reverted {
  /** The revision that the slots went back to. */
  readonly to: Revision;
}

/** The failure that what is declared of `todo/web` went back from; undefined when it did not, or is tried anew. */
export function revertOf(service: string, view: View): Revert | undefined {
  const names = parseService(service);
  const rollout = names === undefined ? undefined : view.get('Rollout', names.stack)?.body.services[names.service];
  if (names === undefined || rollout?.reverted === undefined || currentRevision(service, view)?.revision !== rollout.reverted.from) return undefined;
  const retries = view.get('Stack', names.stack)?.body.retries?.[names.service] ?? 0;
  return retries === rollout.reverted.retries ? { ...rollout.reverted, to: rollout.revision } : undefined;
}

/** `waits for todo/db, which went back`: `todo/web` links to it, was declared with it, and stays behind; undefined when there is no such service. */
export function heldUpBy(service: string, view: View): string | undefined {
  const current = currentRevision(service, view);
  const names = parseService(service);
  const still = names === undefined ? undefined : view.get('Rollout', names.stack)?.body.services[names.service]?.still;
  if (current === undefined || Object.keys(still ?? {}).length === 0) return undefined;
  const link = current.entry.body.spec.links.find(({ service: other }) => revertOf(other, view)?.from === current.revision);
  return link === undefined ? undefined : `waits for ${link.service}, which went back`;
}

/** `declared 57, running 41 (reverted): todo/web.1@58: ended with exit code 3`. */
export const revertText = ({ from, instance, reason }: Reverted, running: readonly Revision[]): string =>
  `${revertedText(from, running)}: ${instance}: ${reason}`;

/** `declared 57, running 41 (reverted)`. */
export const revertedText = (declared: Revision, running: readonly Revision[]): string =>
  `declared ${declared}, running ${running.length === 0 ? 'nothing' : running.join(' and ')} (reverted)`;
