import type { Run } from '../run.js';

const EVERY_MS = 5_000;
const CLEAR = '\u001b[H\u001b[J';

/**
 * Shows something again and again until Ctrl-C: on a terminal each time in place of what was there, in a pipe one after
 * the other.
 */
export async function live({ host }: Run, draw: () => Promise<readonly string[]>): Promise<number> {
  const over = new AbortController();
  const forget = host.onInterrupt(() => over.abort());
  try {
    while (!over.signal.aborted) {
      const lines = await draw();
      host.out.write(`${host.out.isTerminal ? CLEAR : ''}${lines.join('\n')}\n`);
      await pause(over.signal);
    }
    return 0;
  } finally {
    forget();
  }
}

function pause(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, EVERY_MS);
    const end = (): void => {
      clearTimeout(timer);
      resolve();
    };
    signal.addEventListener('abort', end, { once: true });
    if (signal.aborted) end();
  });
}
