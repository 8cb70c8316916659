import { systemClock } from '../clock.js';
import { FakeRuntime } from './fake-runtime.js';
import { runtimeContract } from './runtime-contract.js';

runtimeContract('the fake runtime', () => {
  const runtime = new FakeRuntime({ clock: systemClock }); // the contract waits in real time, so the fake engine lives in it too
  runtime.images.add('here:1');
  return { runtime, stranger: runtime.neighbour(), image: 'here:1', missingImage: 'localhost:1/nowhere:1', freePort: 8080 };
});
