import { elapsedMs, type Instant, KontenaError, later, messageOf, type Millis } from '../../model/index.js';
import type { Clock, CreateContainer, Log, Runtime } from '../../ports/index.js';
import type { Output } from '../output.js';
import { afterCheck, withAnswer } from './checks.js';
import { executor, type Job, type Outcome } from './execute.js';
import type { HookStep } from './hooks.js';
import type { Images } from './images.js';
import type { Step } from './plan.js';
import { afterEnd, afterFailure, afterHook, afterLoss, afterStart, isNewEnd, type Remembered } from './remembered.js';
import type { Subject } from './subject.js';
import { tellOutput } from './tell-output.js';

/** Lines of a container's last words that are told, and how long they are waited for. */
const LAST_LINES = 10;
const LAST_LINES_WAIT_MS: Millis = 2_000;

export interface CaretakerOptions {
  readonly runtime: Runtime;
  readonly clock: Clock;
  readonly log: Log;
  readonly images: Images;
  readonly output: Output;
}

/** What came of a step, and when it was begun. */
interface Taken {
  readonly outcome: Outcome;
  readonly began: Instant;
}

/** Looks at one container, and takes one step; what came of it is remembered with the subject. */
export class Caretaker {
  readonly #options: CaretakerOptions;
  readonly #execute: (job: Job, step: Step) => Promise<Outcome>;

  constructor(options: CaretakerOptions) {
    this.#options = options;
    this.#execute = executor(options);
  }

  /** @throws KON_ENGINE_UNREACHABLE */
  async look(subject: Subject, { isWanted }: { readonly isWanted: boolean }): Promise<void> {
    subject.isDirty = false;
    const container = await this.#options.runtime.inspect(subject.name);
    subject.see(container, this.#options.clock.now());
    tellOutput(this.#options.output, subject);
    if (container === undefined || !isWanted || !isNewEnd(container, subject.remembered)) return;
    const output = await this.#lastWords(subject.name);
    subject.remembered = afterEnd(subject.remembered, container, output, this.#options.clock.now());
  }

  /** @throws KON_ENGINE_UNREACHABLE; what else goes wrong is remembered, and when to try again */
  async take(subject: Subject, step: Step, request: CreateContainer | undefined): Promise<void> {
    const waiting = new AbortController();
    if (WAITS.has(step.do)) subject.waiting = { step: step.do, callOff: () => waiting.abort() };
    if (step.do === 'remove') await this.#options.output.settled(subject.name);
    const began = this.#options.clock.now();
    try {
      const outcome = await this.#execute({ instance: subject.name, request, signal: waiting.signal }, step);
      if (waiting.signal.aborted) subject.isDirty = true;
      else this.#taken(subject, step, { outcome, began });
    } catch (error) {
      subject.isDirty = true;
      if (!waiting.signal.aborted) this.#failed(subject, step, error); // what was called off may end as it likes
    } finally {
      subject.waiting = undefined;
    }
  }

  #taken(subject: Subject, step: Step, taken: Taken): void {
    const { outcome } = taken;
    subject.isDirty ||= CHANGES.has(step.do);
    if (step.do === 'start') subject.isStartedHere = true;
    subject.remembered = this.#after(subject, step, taken);
    if (outcome !== undefined && step.do === 'hook') this.#options.output.note(subject.name, 'hook', saidByHook(step, outcome));
    if (outcome?.isGood === false && step.do === 'hook') this.#options.log.warn('a hook went wrong', { instance: subject.name, moment: step.moment, reason: outcome.said });
    if (step.do === 'stop' && subject.remembered.checks?.health === 'unhealthy') this.#options.log.warn('an instance is unhealthy and is stopped', { instance: subject.name, reason: subject.remembered.checks.reason });
  }

  #after({ remembered }: Subject, step: Step, { outcome, began }: Taken): Remembered {
    const now = this.#options.clock.now();
    if (step.do === 'create') return { ...remembered, isMadeHere: true };
    if (step.do === 'start') return afterStart(remembered);
    if (outcome === undefined) return remembered;
    if (step.do === 'check' && remembered.checks !== undefined) {
      const { isGood, said } = outcome;
      const answers = withAnswer(remembered.answers, { isGood, said, of: step.check.of, at: now, tookMs: elapsedMs(began, now) });
      return { ...remembered, checks: afterCheck(remembered.checks, step.check, outcome, now), answers };
    }
    if (step.do !== 'hook') return remembered;
    // Without its preparation the instance must not start; what comes later is told, and goes on.
    const hookOutput = outcome.isGood ? remembered.hookOutput : outcome.output?.slice(-LAST_LINES);
    if (step.moment === 'preStart' && !outcome.isGood) return { ...afterFailure(remembered, outcome.said, now), hookOutput };
    return { ...afterHook(remembered, step, outcome.isGood ? undefined : outcome.said), hookOutput };
  }

  #failed(subject: Subject, step: Step, error: unknown): void {
    if (!(error instanceof KontenaError) || error.code === 'KON_ENGINE_UNREACHABLE') throw error;
    const { log, clock, images, output } = this.#options;
    log.warn(`cannot ${step.do}`, { instance: subject.name, code: error.code, reason: error.message });
    if (error.code === 'KON_IMAGE_UNAVAILABLE' && step.do === 'create' && subject.spec !== undefined) images.forget(subject.spec.image);
    if (STARTS.has(step.do)) output.note(subject.name, 'start', [error.message]);
    const isFault = error.code !== 'KON_CONTAINER_MISSING'; // somebody removed it in this moment
    subject.remembered = isFault ? afterFailure(subject.remembered, error.message, clock.now()) : afterLoss(subject.remembered, clock.now());
  }

  async #lastWords(name: string): Promise<readonly string[]> {
    const { clock, runtime, log } = this.#options;
    const enough = new AbortController();
    const callOff = clock.at(later(clock.now(), LAST_LINES_WAIT_MS), () => enough.abort());
    try {
      return await runtime.lastLines(name, LAST_LINES, enough.signal);
    } catch (error) {
      log.warn('cannot read the last lines of a container', { instance: name, reason: messageOf(error) });
      return [];
    } finally {
      callOff();
    }
  }
}

/** What a hook wrote, and how it went wrong, each line with its name. */
const saidByHook = ({ moment, hook }: HookStep, { isGood, said, output = [] }: NonNullable<Outcome>): readonly string[] =>
  [...output, ...(isGood ? [] : [said])].map((line) => `${moment} ${hook.name}: ${line}`);

/** Steps without which nothing starts: what they fail with stands in the instance's log. */
const STARTS: ReadonlySet<Step['do']> = new Set<Step['do']>(['pull', 'create', 'start']);

/** Steps that wait for something else than the engine's own work: they may be called off. */
const WAITS: ReadonlySet<Step['do']> = new Set<Step['do']>(['pull', 'hook', 'check']);

/** Steps after which the container is another. */
const CHANGES: ReadonlySet<Step['do']> = new Set<Step['do']>(['create', 'start', 'stop', 'remove']);
