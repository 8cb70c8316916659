import { type Instant, type InstanceReport, type ServiceSpec, slotOf } from '../../model/index.js';
import type { Container } from '../../ports/index.js';
import type { Step } from './plan.js';
import { NOTHING_REMEMBERED, type Remembered, whileRunning } from './remembered.js';

/** One instance as the agent knows it. */
export class Subject {
  container: Container | undefined;
  /** What is known of the container may be old: look before thinking. */
  isDirty = true;
  isBusy = false;
  remembered: Remembered = NOTHING_REMEMBERED;
  report: InstanceReport | undefined;
  /** What its container is made from, as far as was ever heard. */
  spec: ServiceSpec | undefined;
  /** Since when it is to be nothing, as far as was heard; undefined while it is to run. */
  unwantedSince: Instant | undefined;
  /** This agent, in this life, started its container. */
  isStartedHere = false;
  /** Ends what is waited for without holding the engine: a pull, a probe. */
  waiting: { readonly step: Step['do']; readonly callOff: () => void } | undefined;
  /** `todo/web.2`, what all rounds of a slot have in common. */
  readonly slot: string;

  constructor(readonly name: string) {
    this.slot = slotOf(name);
  }

  /** This is its container now. */
  see(container: Container | undefined, now: Instant): void {
    this.container = container;
    if (container === undefined) this.remembered = { ...this.remembered, isMadeHere: false }; // the next one is another
    if (container?.state === 'running') this.remembered = whileRunning(this.remembered, container, { isStartedHere: this.isStartedHere, spec: this.spec, now });
  }

  get isRunning(): boolean {
    return this.container?.state === 'running';
  }
}

/** All instances the agent knows of, and which of them share a slot. */
export class Subjects {
  readonly #all = new Map<string, Subject>();
  readonly #slots = new Map<string, Set<Subject>>();

  get(name: string): Subject | undefined {
    return this.#all.get(name);
  }

  [Symbol.iterator](): Iterator<Subject> {
    return this.#all.values();
  }

  demand(name: string): Subject {
    let subject = this.#all.get(name);
    if (subject !== undefined) return subject;
    subject = new Subject(name);
    this.#all.set(name, subject);
    const slot = this.#slots.get(subject.slot) ?? new Set();
    this.#slots.set(subject.slot, slot.add(subject));
    return subject;
  }

  forget(subject: Subject): void {
    this.#all.delete(subject.name);
    const slot = this.#slots.get(subject.slot);
    slot?.delete(subject);
    if (slot?.size === 0) this.#slots.delete(subject.slot);
  }

  /** The other rounds of the same slot on this node. */
  siblings(subject: Subject): readonly Subject[] {
    return [...(this.#slots.get(subject.slot) ?? [])].filter((other) => other !== subject);
  }
}
