import type { Runtime } from '../ports/index.js';
import { FakePause } from './fake-pause.js';

/** A runtime as one process knows it: once that has ended, no call of it is ever answered; while it stands still, none is yet. */
export function fakeProcess(engine: Runtime, pause = new FakePause()): { readonly runtime: Runtime; readonly end: () => void } {
  const dead = new AbortController();
  const alive = <T>(call: () => Promise<T>): Promise<T> =>
    new Promise((resolve, reject) => {
      if (dead.signal.aborted) return;
      call().then(
        (value) => pause.run(() => (dead.signal.aborted ? undefined : resolve(value))),
        (error: unknown) => pause.run(() => (dead.signal.aborted ? undefined : reject(error instanceof Error ? error : new Error(String(error))))),
      );
    });
  const until = (signal: AbortSignal): AbortSignal => AbortSignal.any([signal, dead.signal]);
  const runtime: Runtime = {
    info: () => alive(() => engine.info()),
    list: () => alive(() => engine.list()),
    inspect: (instance) => alive(() => engine.inspect(instance)),
    hasImage: (image) => alive(() => engine.hasImage(image)),
    pull: (image, onProgress, signal, login) => alive(() => engine.pull(image, onProgress, until(signal), login)),
    create: (request) => alive(() => engine.create(request)),
    start: (instance) => alive(() => engine.start(instance)),
    stop: (instance) => alive(() => engine.stop(instance)),
    remove: (instance) => alive(() => engine.remove(instance)),
    exec: (instance, command, signal) => alive(() => engine.exec(instance, command, until(signal))),
    runOnce: (request, command, signal) => alive(() => engine.runOnce(request, command, until(signal))),
    probe: (address, probe, timeoutMs) => alive(() => engine.probe(address, probe, timeoutMs)),
    entries: (instance, since, signal) => engine.entries(instance, since, until(signal)),
    lastLines: (instance, count, signal) => alive(() => engine.lastLines(instance, count, until(signal))),
    events: (signal) => engine.events(until(signal)),
  };
  return { runtime, end: () => dead.abort() };
}
