import type { Measurement } from './measure.js';

/** The longest part takes about a quarter of it on two cores. */
const LIMIT_MINUTES = 40;

/** What ends the part that is under way; nothing between two parts. */
let fail: (error: unknown) => void = () => undefined;
for (const event of ['uncaughtException', 'unhandledRejection'] as const) process.on(event, (error: unknown) => fail(error));

/** Runs one part of the bench. What it throws, wherever, and that it comes to no end, is its own failure; the next part may run. */
export async function attempt(part: () => Promise<readonly Measurement[]>): Promise<readonly Measurement[]> {
  const failing = new Promise<never>((_resolve, reject) => (fail = reject));
  const limit = setTimeout(() => fail(new Error(`not within ${LIMIT_MINUTES} minutes`)), LIMIT_MINUTES * 60_000);
  try {
    return await Promise.race([part(), failing]);
  } finally {
    clearTimeout(limit);
    fail = () => undefined;
  }
}
