import { describe, expect, test } from '@jest/globals';
import { KontenaError } from '../../model/index.js';
import { FakeClock, settled } from '../../testing/fake-clock.js';
import { FakeRuntime } from '../../testing/fake-runtime.js';
import { Images } from './images.js';
import { ImagesAhead } from './images-ahead.js';

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

describe('images that are fetched ahead', () => {
  const log = { info: () => undefined, warn: () => undefined, error: () => undefined };
  const set = (...names: readonly string[]): ReadonlySet<string> => new Set(names);

  test('are pulled once, and not given up while what runs is made of them', async () => {
    const { images, asked } = pulls();
    const ahead = new ImagesAhead(images, log);
    ahead.fetch(set('web:2'), set('web:1', 'web:2'));
    ahead.fetch(set('web:2'), set('web:1', 'web:2'));
    await settled();
    ahead.fetch(set(), set('web:2')); // an instance has come to need it
    const needs = images.pull('web:2', new AbortController().signal);
    expect(asked.map(({ signal }) => signal.aborted)).toEqual([false]);
    asked[0]!.finish();
    await needs;
    expect(images.has('web:2')).toBe(true);
  });

  test('are given up when nothing tells of them any more, and tried again when something does', async () => {
    const { images, asked } = pulls();
    const ahead = new ImagesAhead(images, log);
    ahead.fetch(set('web:2'), set('web:2'));
    await settled();
    ahead.fetch(set(), set());
    await settled();
    ahead.fetch(set('web:2'), set('web:2'));
    await settled();
    expect(asked.map(({ signal }) => signal.aborted)).toEqual([true, false]);
  });

  test('that cannot be had are left to who needs them', async () => {
    const { images, asked } = pulls();
    const ahead = new ImagesAhead(images, log);
    ahead.fetch(set('web:2'), set('web:2'));
    await settled();
    asked[0]!.finish(new KontenaError('KON_IMAGE_UNAVAILABLE', 'manifest unknown'));
    await settled();
    ahead.fetch(set('web:2'), set('web:2'));
    await settled();
    expect(asked).toHaveLength(1);
  });
});

test('a registry is asked as whoever the image is asked for', async () => {
  const runtime = new FakeRuntime({ clock: new FakeClock() });
  const asked: unknown[] = [];
  runtime.pull = async (image, _onProgress, _signal, login) => void asked.push([image, login]);
  const login = { user: 'ci', password: 'pw' };
  const images = new Images(runtime, { info: () => undefined, warn: () => undefined, error: () => undefined }, (image) => (image.startsWith('registry.example.com/') ? login : undefined));
  for (const image of ['redis', 'registry.example.com/todo:1']) await images.pull(image, new AbortController().signal);
  expect(asked).toEqual([['redis', undefined], ['registry.example.com/todo:1', login]]);
});
