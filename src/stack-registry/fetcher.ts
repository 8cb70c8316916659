import { KontenaError, messageOf } from '../model/index.js';
import { answerText } from './answer-text.js';
import { isStackReference, parseReference } from './names.js';
import type { StackRegistry } from './registry.js';

/** A stack file at an address is fetched within this time, or is away. */
const LIMIT_MS = 30_000;

/** As many bytes as a stack file may have. */
const LONGEST_BYTES = 1024 * 1024;

/**
 * Finds the text of `user/stack[:version]` in a registry, or at an address; undefined when it is not there. What it found
 * once it finds again: for as long as one is used, a name means one text.
 */
export function stackFetcher(open: () => Promise<StackRegistry | undefined>): (reference: string) => Promise<string | undefined> {
  const fetched = new Map<string, Promise<string | undefined>>();
  return (reference) => {
    const text = fetched.get(reference) ?? (reference.includes('://') ? fetchAddress(reference) : pull(reference, open));
    fetched.set(reference, text);
    return text;
  };
}

async function pull(reference: string, open: () => Promise<StackRegistry | undefined>): Promise<string | undefined> {
  const registry = isStackReference(reference) ? await open() : undefined;
  if (registry === undefined) return undefined;
  const { name, version } = parseReference(reference);
  return (await registry.pull(name, version))?.text;
}

async function fetchAddress(address: string): Promise<string | undefined> {
  if (!/^https?:\/\//.test(address)) return undefined;
  try {
    const response = await fetch(address, { signal: AbortSignal.timeout(LIMIT_MS) });
    return response.ok ? await answerText(response, LONGEST_BYTES) : undefined;
  } catch (error) {
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
    throw new KontenaError('KON_FILE_UNREADABLE', `${address} cannot be read: ${messageOf(cause)}`, { cause: error });
  }
}
