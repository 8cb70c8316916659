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

/** The service that `todo/web` links to, was declared with, and stays behind for, as it went back; undefined when there is none. */
export function heldUpBy(service: string, view: View): string | undefined {
  const current = currentRevision(service, view);
  const names = parseService(service);
  const still = names === undefined ? undefined : view.get('Rollout', names.stack)?.body.services[names.service]?.still;
  if (current === undefined || Object.keys(still ?? {}).length === 0) return undefined;
  return current.entry.body.spec.links.find((link) => revertOf(link.service, view)?.from === current.revision)?.service;
}

/** `declared 57, running 41 (reverted): todo/web.1@58: ended with exit code 3`. */
export const revertText = ({ from, instance, reason }: Reverted, running: readonly Revision[]): string =>
  `${revertedText(from, running)}: ${instance}: ${reason}`;

/** `declared 57, running 41 (reverted)`. */
export const revertedText = (declared: Revision, running: readonly Revision[]): string =>
  `declared ${declared}, running ${running.length === 0 ? 'nothing' : running.join(' and ')} (reverted)`;
