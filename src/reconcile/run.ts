import { later, type Millis } from '../model/index.js';
import type { Changed, Clock, Random, Store } from '../ports/index.js';
import { concerned, type Controller } from './controller.js';
import { Loop, type LoopOptions } from './loop.js';

/** A full scan, in the hope of never finding anything; what it does find is a fault in some `watches`. */
const RESYNC_MS: Millis = 5 * 60_000;

/** Decisions under way at once: enough that their commits share fsyncs, few enough that views stay fresh. */
const WORKERS = 256;

/** A controller at work. */
export type Running = Pick<Loop, 'idle' | 'stop'>;

export interface World {
  readonly store: Store;
  readonly clock: Clock;
  readonly random: Random;
  readonly onError: LoopOptions['onError'];
}

/** Runs a controller against a store: woken by changes, by its own plans and by a periodic full scan. */
export function run(controller: Controller, { store, clock, random, onError }: World): Running {
  const loop = new Loop({
    clock,
    random,
    onError: (key, error) => onError(`${controller.name} ${key}`, error),
    workers: WORKERS,
    reconcile: async (key) => {
      const { grid, subject } = parseKey(key);
      const { plan } = await store.update({ writer: controller.name, grid }, (view) => controller.plan(subject, view, clock.now()));
      return plan.wakeAt;
    },
  });

  const notice = (changed: Changed): void => {
    try {
      for (const subject of concerned(controller, changed, store.view(changed.grid))) loop.enqueue(key(changed.grid, subject));
    } catch (error) {
      onError(`${controller.name} ${changed.kind} ${changed.name}`, error); // the commit stands; a bad key must not fail the writer
    }
  };
  const unwatch = store.watch((all) => all.forEach(notice));

  let callOffScan = (): void => undefined;
  const scan = (): void => {
    for (const grid of store.grids()) for (const subject of controller.subjects(store.view(grid))) loop.enqueue(key(grid, subject));
    callOffScan = clock.at(later(clock.now(), RESYNC_MS), scan);
  };
  scan();

  return {
    idle: () => loop.idle(),
    stop: () => {
      unwatch();
      callOffScan();
      return loop.stop();
    },
  };
}

const key = (grid: string, subject: string): string => `${grid}:${subject}`;

function parseKey(text: string): { readonly grid: string; readonly subject: string } {
  const colon = text.indexOf(':');
  return { grid: text.slice(0, colon), subject: text.slice(colon + 1) };
}
