import { earliest, elapsedMs, type Entry, type Instant, isFailing, later, type Millis, reasonOfEnd, type ReportBody, type Revision } from '../model/index.js';
import type { Failed, View } from '../ports/index.js';

/** How long a slot may lack a node, or an instance stay failed, before that is the answer. */
const PATIENCE_MS: Millis = 3000;

/** The same while a node is yet to come back, or has only just done so: the longest wait between an agent's tries, and longer than such a node is left alone. */
const RETURN_MS: Millis = 30_000;

/** One failure may be an accident: the agent tries again. */
const TOO_OFTEN = 2;

export interface Suspect {
  /** `todo/web`. */
  readonly name: string;
  readonly spec: { readonly instances: number };
  readonly declaredAt: Instant;
  /** The revision its slots are to run; undefined until that is known. */
  readonly revision: Revision | undefined;
}

export interface Verdict {
  readonly failure: Failed | undefined;
  /** When patience ends. */
  readonly wakeAt: Instant | undefined;
}

/** What is remembered of one instance. */
interface Track {
  /** Ends of the container that were none of this attempt's. */
  readonly baseline: number;
  readonly failures: number;
  /** Tells one reading of a failure from the next. */
  readonly reading: string | undefined;
  /** Since when it has been failed without a break. */
  readonly failedSince: Instant | undefined;
}

/** Tells what will not come up from what takes its time: by what happens twice, or lasts too long. */
export class Trouble {
  readonly #tracks = new Map<string, Track>();
  readonly #unplacedSince = new Map<string, Instant>();

  lookAt(suspect: Suspect, view: View, now: Instant): Verdict {
    const unplaced = this.#lookAtPlaces(suspect, view, now);
    if (unplaced.failure !== undefined) return unplaced;
    let wakeAt = unplaced.wakeAt;
    for (const entry of view.instancesOf(suspect.name)) {
      if (entry.body.wanted !== 'running' || entry.body.revision !== suspect.revision) continue;
      const verdict = this.#lookAtInstance(entry, suspect, view, now);
      if (verdict.failure !== undefined) return verdict;
      wakeAt = earliest(wakeAt, verdict.wakeAt);
    }
    return { failure: undefined, wakeAt };
  }

  #lookAtPlaces(suspect: Suspect, view: View, now: Instant): Verdict {
    const { name } = suspect;
    const reason = whyUnplaced(suspect, view);
    if (reason === undefined) {
      this.#unplacedSince.delete(name);
      return { failure: undefined, wakeAt: undefined };
    }
    const since = this.#unplacedSince.get(name) ?? now;
    this.#unplacedSince.set(name, since);
    const until = later(since, mayReturn(view, now) ? RETURN_MS : PATIENCE_MS);
    return until <= now ? { failure: { type: 'failed', service: name, reason, output: [], isReverted: false }, wakeAt: undefined } : { failure: undefined, wakeAt: until };
  }

  #lookAtInstance(entry: Entry<'Instance'>, { declaredAt }: Suspect, view: View, now: Instant): Verdict {
    const report = view.get('Report', entry.name)?.body;
    const track = next(this.#tracks.get(entry.name) ?? firstTrack(entry, report, declaredAt), report, now);
    this.#tracks.set(entry.name, track);
    if (report === undefined) return { failure: undefined, wakeAt: undefined };

    const until = track.failedSince === undefined ? undefined : later(track.failedSince, PATIENCE_MS);
    const hasFailed = report.restarts - track.baseline >= TOO_OFTEN || track.failures >= TOO_OFTEN || (until !== undefined && until <= now);
    return hasFailed ? { failure: failureOf(entry, report), wakeAt: undefined } : { failure: undefined, wakeAt: until };
  }
}

/** Whether a node may soon take what no other can. */
const mayReturn = (view: View, now: Instant): boolean =>
  view.list('Pulse').some(({ body }) => body.state === 'unheard') ||
  view.list('Health').some(({ body }) => body.wasLost && body.phase === 'online' && elapsedMs(body.since, now) < RETURN_MS);

/** Why slots of a service lack a node for what they are to run; undefined when none does. */
function whyUnplaced({ name, spec, revision }: Suspect, view: View): string | undefined {
  if (spec.instances > 0 && view.list('Node').length === 0) return `grid ${view.grid} has no node: make a token with \`kontenactl token create\` and start an agent with it`;
  const placement = view.get('Placement', name)?.body;
  if (placement === undefined) return undefined;
  const placed = new Set(view.instancesOf(name).flatMap(({ body }) => (body.wanted === 'running' && body.revision === revision ? [body.slot] : [])));
  return placement.slots.some((slot) => !placed.has(slot)) ? placement.reason : undefined;
}

/** What was placed for this declaration has nothing but its own ends, however late it is looked at first. */
const firstTrack = ({ createdAt }: Entry<'Instance'>, report: ReportBody | undefined, declaredAt: Instant): Track => ({
  baseline: createdAt < declaredAt ? (report?.restarts ?? 0) : 0,
  failures: 0,
  reading: undefined,
  failedSince: undefined,
});

function next(track: Track, report: ReportBody | undefined, now: Instant): Track {
  if (report === undefined || !isFailing(report)) return { ...track, failedSince: undefined };
  const reading = `${report.since} ${report.restarts}`;
  return { ...track, reading, failures: track.failures + (reading === track.reading ? 0 : 1), failedSince: track.failedSince ?? now };
}

const failureOf = ({ name, body }: Entry<'Instance'>, { reason, exitCode, output = [] }: ReportBody): Failed => ({
  type: 'failed',
  service: body.service,
  instance: name,
  reason: reason ?? reasonOfEnd(exitCode),
  output,
  isReverted: false,
});
