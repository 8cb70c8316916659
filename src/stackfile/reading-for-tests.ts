import type { ReadOptions } from './read.js';

/** How a test reads a text: files from a map, chance from a counter. */
export function reading(text: string, { files = {}, environment = {}, ...rest }: Partial<Omit<ReadOptions, 'files'>> & { readonly files?: Readonly<Record<string, string>>; readonly environment?: Readonly<Record<string, string>> } = {}): ReadOptions {
  let drawn = 0;
  return {
    source: 'kontena.yml',
    text,
    files: { directory: '/project', readFile: (path) => Promise.resolve(new Map(Object.entries(files)).get(path.replace('/project/', ''))) },
    outside: {
      environment,
      random: { fraction: () => 0.5, secret: (bytes) => Buffer.from(Array.from({ length: bytes }, () => (drawn = (drawn + 37) % 251))).toString('base64url') },
    },
    ...rest,
  };
}
