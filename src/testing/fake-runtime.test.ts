import { later } from '../model/index.js';
import type { Clock } from '../ports/index.js';
import { FakeRuntime } from './fake-runtime.js';
import { runtimeContract } from './runtime-contract.js';

/** The contract waits in real time, so the fake engine lives in it too. */
const realClock: Clock = {
  now: () => later(0 as ReturnType<Clock['now']>, Date.now()),
  at: (when, wake) => {
    const timer = setTimeout(wake, when - Date.now());
    return () => clearTimeout(timer);
  },
  soon: (run) => void setImmediate(run),
};

runtimeContract('the fake runtime', () => {
  const runtime = new FakeRuntime({ clock: realClock });
  runtime.images.add('here:1');
  return { runtime, stranger: runtime.neighbour(), image: 'here:1', missingImage: 'localhost:1/nowhere:1', freePort: 8080 };
});
