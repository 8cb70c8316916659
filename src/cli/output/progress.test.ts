import { expect, test } from '@jest/globals';
import type { Progress } from '../../ports/index.js';
import { coloursFor } from './colour.js';
import { ProgressPrinter } from './progress.js';

const instance = (phase: string, reason?: string): Progress => ({ type: 'instance', service: 'todo/web', instance: 'todo/web.1@5', node: 'n1', phase, reason });
const service = (running: number, reason?: string): Progress => ({ type: 'service', service: 'todo/web', wanted: 1, running, older: 0, reason });

/** The last line that is drawn on a terminal. */
function drawn(...events: readonly Progress[]): string {
  const written: string[] = [];
  const terminal = { isTerminal: true, columns: 120, write: (text: string | Uint8Array) => void written.push(String(text)) };
  const printer = new ProgressPrinter(terminal, coloursFor(terminal, { NO_COLOR: '1' }));
  for (const event of events) printer.show(event);
  return (written.at(-1) ?? '').replace(/^.*\u001B\[2K/s, '').trimEnd();
}

test.each<[string, readonly Progress[]]>([
  ['· todo/web   0/1   waits for todo/db', [service(0, 'waits for todo/db')]],
  ['· todo/web   0/1   web.1@5 pulling on n1', [service(0), instance('pulling')]],
  ['✓ todo/web   1/1', [instance('running'), service(1)]],
  ['✓ todo/web   1/1   web.1@5 running on n1: hook warm ended with exit code 3', [instance('running', 'hook warm ended with exit code 3'), service(1)]],
])('a living line says %s', (line, events) => {
  expect(drawn(...events)).toBe(line);
});
