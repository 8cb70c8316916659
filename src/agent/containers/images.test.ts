import { expect, test } from '@jest/globals';
import { KontenaError } from '../../model/index.js';
import { FakeClock, settled } from '../../testing/fake-clock.js';
import { FakeRuntime } from '../../testing/fake-runtime.js';
import { Images } from './images.js';

interface Asked {
  readonly signal: AbortSignal;
  readonly finish: (error?: Error) => void;
}

/** Images over an engine whose pulls end when told to. */
function pulls(): { readonly images: Images; readonly asked: Asked[] } {
  const asked: Asked[] = [];
  const runtime = new FakeRuntime({ clock: new FakeClock() });
  runtime.pull = (_image, _onProgress, signal) =>
    new Promise((resolve, reject) => {
      asked.push({ signal, finish: (error) => (error === undefined ? resolve() : reject(error)) });
    });
  return { images: new Images(runtime, { info: () => undefined, warn: () => undefined, error: () => undefined }), asked };
}

test('who gives up does not disturb the others; when the last gives up, so does the engine', async () => {
  const { images, asked } = pulls();
  const [first, second] = [new AbortController(), new AbortController()];
  const waits = [images.pull('web:1', first.signal), images.pull('web:1', second.signal)];
  first.abort();
  await waits[0];
  expect(asked.map(({ signal }) => signal.aborted)).toEqual([false]);
  second.abort();
  await waits[1];
  expect(asked.map(({ signal }) => signal.aborted)).toEqual([true]);
});

test('a pull that was given up is not waited for by who comes next', async () => {
  const { images, asked } = pulls();
  const first = new AbortController();
  const given = images.pull('web:1', first.signal);
  first.abort();
  await given;
  const next = images.pull('web:1', new AbortController().signal);
  asked[0]!.finish(new Error('called off'));
  asked[1]!.finish();
  await next;
  expect(images.has('web:1')).toBe(true);
});

test('a failure reaches all who wait, and the next try asks again', async () => {
  const { images, asked } = pulls();
  const quiet = new AbortController().signal;
  const waits = Promise.allSettled([images.pull('web:1', quiet), images.pull('web:1', quiet)]);
  asked[0]!.finish(new KontenaError('KON_IMAGE_UNAVAILABLE', 'manifest unknown'));
  expect((await waits).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  void images.pull('web:1', quiet);
  await settled();
  expect(asked).toHaveLength(2);
});
