import { expect, test } from '@jest/globals';
import { MasterLogs } from './master-logs.js';
import type { FromMaster } from './messages.js';
import { Waiting } from './waiting.js';

const lines = (text: string) => [{ stream: 'stdout' as const, at: 't', line: text }];

test('readers who are behind are cut when too much waits for all, and what waited is forgotten', async () => {
  const sent: string[] = [];
  const waiting = new Waiting(100);
  const logs = new MasterLogs((message: FromMaster) => void sent.push(message.type), waiting);
  const stop = new AbortController();
  const read = (): AsyncIterator<{ readonly line: string }> => logs.read('todo/web.1@2', { follow: true }, stop.signal)[Symbol.asyncIterator]();
  const [slow, keen] = [read(), read()];
  const firsts = [slow.next(), keen.next()];
  logs.lines(1, lines('first'));
  logs.lines(2, lines('first'));
  await Promise.all(firsts);

  logs.lines(1, lines('x'.repeat(100)));
  expect(waiting.isFull).toBe(true);
  logs.lines(2, lines('still read'));
  expect((await keen.next()).value).toMatchObject({ line: 'still read' });
  logs.lines(1, lines('too much'));
  expect((await slow.next()).value).toMatchObject({ line: 'x'.repeat(100) });
  await expect(slow.next()).rejects.toMatchObject({ code: 'KON_TIMEOUT', message: expect.stringContaining('faster than it is read') });
  expect(waiting.isFull).toBe(false);
  expect(sent).toContain('logClose');
});
