import { elapsedMs, type Instant, later, type Millis } from '../model/index.js';
import type { Clock } from '../ports/index.js';

interface Alarm {
  readonly when: Instant;
  readonly wake: () => void;
}

/**
 * Time that moves only when told to. Alarms ring in order, each at its own moment; one that is due when it is set
 * rings in a later turn, as a real one does.
 */
export class FakeClock implements Clock {
  #now: Instant;
  #setByMs: Millis = 0;
  readonly #alarms = new Set<Alarm>();
  #soon: (() => void)[] = [];

  /** @param startMs milliseconds since the epoch */
  constructor(startMs = 0) {
    this.#now = startMs as Instant;
  }

  now(): Instant {
    return this.#now;
  }

  wall(): Instant {
    return later(this.#now, this.#setByMs);
  }

  neverBefore(moment: Instant): void {
    this.advance(Math.max(0, elapsedMs(this.#now, moment)));
  }

  /** Sets the machine's clock forward or, below zero, back. No time passes. */
  set(byMs: Millis): void {
    this.#setByMs += byMs;
  }

  at(when: Instant, wake: () => void): () => void {
    const alarm: Alarm = { when: Math.ceil(when) as Instant, wake }; // the real clock knows whole milliseconds only
    this.#alarms.add(alarm);
    if (when <= this.#now) this.soon(() => this.#ring(alarm));
    return () => this.#alarms.delete(alarm);
  }

  soon(run: () => void): void {
    this.#soon.push(run);
    if (this.#soon.length === 1) setImmediate(() => this.#turn()); // for those who do not wait for `run`
  }

  /** Alarms set and not yet rung: what a stopped thing must leave at zero. */
  get pending(): number {
    return this.#alarms.size;
  }

  /** When the next alarm rings; undefined when none is set. */
  get nextAlarm(): Instant | undefined {
    return this.#earliest()?.when;
  }

  /** Moves time, ringing what is due on the way, all in this turn: what an alarm sets off with promises runs afterwards. */
  advance(byMs: Millis): void {
    const target = (this.#now + byMs) as Instant;
    for (let due = this.#earliest(target); due !== undefined; due = this.#earliest(target)) this.#ringAt(due);
    this.#now = target;
  }

  /** Moves time, and lets everything that an alarm sets off come to rest before the next one rings. */
  async run(byMs: Millis): Promise<void> {
    const target = (this.#now + byMs) as Instant;
    await this.#settle();
    for (let due = this.#earliest(target); due !== undefined; due = this.#earliest(target)) {
      this.#ringAt(due);
      await this.#settle();
    }
    this.#now = target;
  }

  /** Runs what is to run soon, and what follows from it, until nothing is left. A tick comes when no promise has anything more to do. */
  async #settle(): Promise<void> {
    await new Promise<void>((resolve) => process.nextTick(resolve));
    while (this.#soon.length > 0) {
      this.#turn();
      await new Promise<void>((resolve) => process.nextTick(resolve));
    }
  }

  #turn(): void {
    const due = this.#soon;
    this.#soon = [];
    for (const run of due) run();
  }

  #ringAt(alarm: Alarm): void {
    this.#now = Math.max(this.#now, alarm.when) as Instant;
    this.#ring(alarm);
  }

  #ring(alarm: Alarm): void {
    if (this.#alarms.delete(alarm)) alarm.wake();
  }

  /** Of alarms at one moment, the one that was set first. */
  #earliest(upTo = Infinity): Alarm | undefined {
    let first: Alarm | undefined;
    for (const alarm of this.#alarms) if (alarm.when <= upTo && (first === undefined || alarm.when < first.when)) first = alarm;
    return first;
  }
}

/** Turns of the event loop that a chain of commits, loops and promises may need: more than any test's chain is long. */
const TURNS = 10;

/** Resolves when what was set off has had {@link TURNS} turns: enough for what waits for no time and no outside world. */
export async function settled(): Promise<void> {
  for (let turn = 0; turn < TURNS; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}
