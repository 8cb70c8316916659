import { createHash } from 'node:crypto';

/** Files that a configuration names: each is called by what is in it, so that another text is another configuration. */
export class Pages {
  readonly #files = new Map<string, string>();

  /** @returns its name in the folder */
  add(text: string, kind: 'html' | 'list' = 'html'): string {
    const file = `files/${digestOf(text)}.${kind}`;
    this.#files.set(file, text);
    return file;
  }

  /** What is answered with these statuses where HAProxy itself answers. */
  errors(pages: Readonly<Record<string, string>>): readonly string[] {
    return Object.entries(pages).map(([status, page]) => `http-error status ${status} content-type "text/html; charset=utf-8" file ${this.add(page)}`);
  }

  /** By their names in the folder. */
  get files(): Readonly<Record<string, string>> {
    return Object.fromEntries(this.#files);
  }
}

/** Short, and another for any other text. */
export const digestOf = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 16);
