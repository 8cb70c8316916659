import type { Mistake, StackSpec } from '../model/index.js';
import type { Host } from './host.js';

export interface StackFile {
  readonly stack: StackSpec;
  /** Absolute path of the file in a directory. */
  readonly origin?: string;
  readonly warnings: readonly Mistake[];
}

export function readStackFiles(_host: Host, _wish: { readonly path: string; readonly values: Readonly<Record<string, string>>; readonly name: string | undefined }): Promise<readonly StackFile[]> {
  return Promise.reject(new Error('soon'));
}
