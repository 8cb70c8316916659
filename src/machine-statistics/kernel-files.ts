import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Files that the kernel makes as they are read. They wait for no disk, so they are read at once: through the thread pool,
 * each would cost five times as much.
 */
export class KernelFiles {
  /** @param root `/`, but in tests */
  constructor(readonly root: string) {}

  /** Undefined where there is no such file, or no longer. */
  text(path: string): string | undefined {
    return orUndefined(() => readFileSync(join(this.root, path), 'utf8'));
  }

  link(path: string): string | undefined {
    return orUndefined(() => readlinkSync(join(this.root, path)));
  }

  /** Folders in a folder. */
  folders(path: string): readonly string[] {
    const found = orUndefined(() => readdirSync(join(this.root, path), { withFileTypes: true })) ?? [];
    return found.filter((entry) => entry.isDirectory()).map(({ name }) => name);
  }

  has(path: string): boolean {
    return orUndefined(() => readdirSync(join(this.root, path))) !== undefined;
  }

  /** A file that holds one number; undefined for a word such as `max`. */
  number(path: string): number | undefined {
    return numberIn(this.text(path));
  }

  /** Of lines `key 123`, the number of one key. */
  field(path: string, key: string): number | undefined {
    const text = `\n${this.text(path) ?? ''}`;
    const at = text.indexOf(`\n${key} `);
    return at < 0 ? undefined : numberIn(text.slice(at + key.length + 2, text.indexOf('\n', at + 1)));
  }
}

function numberIn(text: string | undefined): number | undefined {
  const number = Number.parseFloat(text ?? '');
  return Number.isNaN(number) ? undefined : number;
}

function orUndefined<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
