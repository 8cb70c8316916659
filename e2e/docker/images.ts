import type { Bed } from './harness/index.js';

/** Runs until asked to end, and ends at once. */
const STAY = (words: string): string => `trap 'exit 0' TERM\necho ${words}\nwhile true; do busybox sleep 3600 & wait; done`;

export interface Images {
  readonly web1: string;
  readonly web2: string;
  /** Says why, then ends with 3. */
  readonly broken: string;
}

/** The images that the tests run; on no engine yet, so that each is really pulled. */
export async function pushImages({ registry, engines }: Bed): Promise<Images> {
  const engine = engines[0]!;
  return {
    web1: await registry.push(engine, 'web:1', STAY('web 1 is up')),
    web2: await registry.push(engine, 'web:2', STAY('web 2 is up')),
    broken: await registry.push(engine, 'broken:1', 'echo the configuration is missing\nexit 3'),
  };
}
