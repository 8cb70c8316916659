import { describe, expect, test } from '@jest/globals';
import { KontenaError } from '../../model/index.js';
import { settled } from '../../testing/fake-clock.js';
import { carryBoth } from '../carry.js';
import { asBytes } from './two-way.js';
import type { StreamMessage, StreamRequest } from './messages.js';
import { type Stream, Streams } from './streams.js';
import { Waiting } from './waiting.js';

const DIAL: StreamRequest = { kind: 'dial', instance: 'todo/web.1@2', port: 80 };
const forever = new AbortController().signal;
const bytes = (text: string): { readonly kind: 'bytes'; readonly bytes: Uint8Array } => ({ kind: 'bytes', bytes: Buffer.from(text) });

type Serve = (request: StreamRequest, stream: Stream) => Promise<void>;

/** A master and an agent with a wire between them that takes everything, and notes what passes. */
function pair(serve: Serve): { readonly master: Streams; readonly agent: Streams; readonly passed: StreamMessage[] } {
  const passed: StreamMessage[] = [];
  const outletTo = (other: () => Streams) => ({
    push: (message: StreamMessage) => {
      passed.push(message);
      other().receive(message);
    },
    ready: () => Promise.resolve(true),
  });
  const refuse: Serve = () => Promise.reject(new KontenaError('KON_FORBIDDEN', 'no'));
  const master: Streams = new Streams({ outlet: outletTo(() => agent), gives: 'even', serve: refuse });
  const agent: Streams = new Streams({ outlet: outletTo(() => master), gives: 'odd', serve });
  return { master, agent, passed };
}

async function textOf(stream: Stream): Promise<string> {
  let text = '';
  for await (const data of stream.received()) if (data.kind === 'bytes') text += Buffer.from(data.bytes).toString();
  return text;
}

describe('a stream', () => {
  test('carries both ways, and each way ends by itself', async () => {
    const heard: string[] = [];
    const { master, passed } = pair(async (_request, stream) => {
      heard.push(await textOf(stream));
      await stream.send(bytes('answer'));
    });
    const stream = master.open(DIAL, forever);
    await stream.send(bytes('ques'));
    await stream.send(bytes('tion'));
    stream.end();
    expect([await textOf(stream), heard]).toEqual(['answer', ['question']]);
    expect(passed.filter(({ type }) => type !== 'streamCredit').map(({ type, id }) => `${type} ${id}`)).toEqual([
      'streamOpen 2', 'streamData 2', 'streamData 2', 'streamEnd 2', 'streamData 2', 'streamClose 2',
    ]);
  });

  test('waits for a reader that does not read, and goes on when it does', async () => {
    let sent = 0;
    const { master } = pair(async (_request, stream) => {
      while (await stream.send(bytes('x'))) sent += 1;
    });
    const stream = master.open(DIAL, forever);
    await settled();
    expect(sent).toBe(8);
    const reader = stream.received()[Symbol.asyncIterator]();
    for (let count = 0; count < 4; count += 1) await reader.next();
    await settled();
    expect(sent).toBe(11); // the last one that was read is not done with yet
    stream.close();
    await settled();
    expect(sent).toBe(11);
  });

  test('sends what several say at once, in the order in which it was said', async () => {
    const sent: Promise<boolean>[] = [];
    const { master } = pair(async (_request, stream) => {
      for (const letter of 'abcdefghijklm') sent.push(stream.send(bytes(letter)));
      await Promise.all(sent);
    });
    expect(await textOf(master.open(DIAL, forever))).toBe('abcdefghijklm');
    expect(await Promise.all(sent)).toEqual(sent.map(() => true));
  });

  test('lets nobody wait who sends when it closes', async () => {
    const sent: Promise<boolean>[] = [];
    const { master } = pair(async (_request, stream) => {
      for (let count = 0; count < 10; count += 1) sent.push(stream.send(bytes('x')));
      await Promise.all(sent);
    });
    const stream = master.open(DIAL, forever);
    await settled();
    stream.close();
    expect((await Promise.all(sent)).filter((isSent) => !isSent)).toHaveLength(2);
  });

  test('who sends more than it was given leave to is cut, and alone', async () => {
    const { master, passed } = pair(() => new Promise(() => undefined));
    const [greedy, other] = [master.open(DIAL, forever), master.open(DIAL, forever)];
    for (let count = 0; count < 9; count += 1) master.receive({ type: 'streamData', id: 2, data: bytes('x') });
    expect([greedy.signal.aborted, other.signal.aborted]).toEqual([true, false]);
    expect(passed.at(-1)).toMatchObject({ type: 'streamClose', id: 2, error: { code: 'KON_INTERNAL' } });
  });

  test('closes with the reason of whoever serves it, and with that of the connection', async () => {
    const { master } = pair(() => Promise.reject(new KontenaError('KON_PORT_UNREACHABLE', 'nothing listens')));
    await expect(textOf(master.open(DIAL, forever))).rejects.toMatchObject({ code: 'KON_PORT_UNREACHABLE', message: 'nothing listens' });
    const cut = pair(() => new Promise(() => undefined));
    const reading = textOf(cut.master.open(DIAL, forever));
    cut.master.closed(new KontenaError('KON_NODE_UNREACHABLE', 'gone'));
    await expect(reading).rejects.toMatchObject({ code: 'KON_NODE_UNREACHABLE' });
  });

  test('is closed at both ends by the signal it was opened with', async () => {
    let served: Stream | undefined;
    const { master } = pair(async (_request, stream) => {
      served = stream;
      await textOf(stream);
    });
    const stop = new AbortController();
    const stream = master.open(DIAL, stop.signal);
    await settled();
    stop.abort();
    expect([await textOf(stream), served?.signal.aborted]).toEqual(['', true]);
  });

  test.each([[3, 'one of the other end'], [0, 'none'], [2, 'one that was opened']])('a stream %i, %s, is refused', (id) => {
    const { master, agent } = pair(() => new Promise(() => undefined));
    master.open(DIAL, forever);
    expect(() => agent.receive({ type: 'streamOpen', id, request: DIAL, credit: 1 })).toThrow(expect.objectContaining({ code: 'KON_INVALID' }));
  });

  test.each([[4, 'one that is yet to be opened'], [1, 'one that this end did not open'], [0, 'none']])('a word about stream %i, %s, is refused', (id) => {
    const { master, agent } = pair(() => new Promise(() => undefined));
    master.open(DIAL, forever).close();
    agent.receive({ type: 'streamData', id: 2, data: bytes('on its way when it was closed') });
    expect(() => agent.receive({ type: 'streamEnd', id })).toThrow(expect.objectContaining({ code: 'KON_INVALID' }));
  });

  test('so many are open that one more is refused, and none of the others suffers', () => {
    const { master, passed } = pair(() => new Promise(() => undefined));
    const streams = Array.from({ length: 1_001 }, () => master.open(DIAL, forever));
    expect(streams.map(({ signal }) => signal.aborted).filter((isClosed) => isClosed)).toHaveLength(1);
    expect(passed.at(-1)).toMatchObject({ type: 'streamClose', error: { code: 'KON_CONFLICT' } });
  });

  test('two of them are joined until both have ended', async () => {
    const { master } = pair(async (_request, stream) => {
      const back = pair(async (_again, inner) => {
        await inner.send(bytes((await textOf(inner)).toUpperCase()));
      });
      await carryBoth(asBytes(stream), asBytes(back.master.open(DIAL, forever)));
    });
    const stream = master.open(DIAL, forever);
    await stream.send(bytes('hello'));
    stream.end();
    expect(await textOf(stream)).toBe('HELLO');
  });
});

test('who is behind is cut when too much waits on all streams; what waited is handed out, and then forgotten', async () => {
  const said: string[] = [];
  const waiting = new Waiting(100);
  const outlet = { push: ({ type }: StreamMessage) => void said.push(type), ready: () => Promise.resolve(true) };
  const master = new Streams({ outlet, gives: 'even', waiting, serve: () => Promise.reject(new Error('nobody asks')) });
  const [slow, keen] = [master.open(DIAL, forever), master.open(DIAL, forever)];
  const come = (id: number, text: string): void => master.receive({ type: 'streamData', id, data: bytes(text) });
  come(2, 'x'.repeat(100));
  expect(waiting.isFull).toBe(true);
  come(4, 'still read');
  const reading = keen.received()[Symbol.asyncIterator]();
  expect((await reading.next()).value).toEqual(bytes('still read'));
  come(2, 'too much');
  expect(slow.signal.aborted).toBe(true);
  await expect(textOf(slow)).rejects.toMatchObject({ code: 'KON_TIMEOUT', message: 'more comes than is read, and no more of it is kept' });
  expect(waiting.isFull).toBe(false);
  expect(said.filter((type) => type === 'streamClose')).toHaveLength(1);
});
