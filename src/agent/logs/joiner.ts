import { LOG_LINE_BYTES } from '../../model/index.js';
import type { LogEntry } from '../../ports/index.js';

export interface JoinedLine {
  readonly stream: LogEntry['stream'];
  readonly at: string;
  readonly text: Uint8Array;
}

/** Makes lines of what the engine sends in stretches; a line bears the moment of its first. What is too long is cut. */
export class Joiner {
  readonly #begun = new Map<LogEntry['stream'], Begun>();

  /** The lines that these complete. */
  take(entries: readonly LogEntry[]): JoinedLine[] {
    const lines: JoinedLine[] = [];
    for (const { stream, at, text, isEnd } of entries) {
      const begun = this.#begun.get(stream);
      if (begun === undefined && isEnd) lines.push({ stream, at, text: cut(text) });
      else {
        this.#begin(stream, begun ?? { at, pieces: [], bytes: 0 }, text);
        if (isEnd) lines.push(...this.#end(stream));
      }
    }
    return lines;
  }

  /** What was begun, and is not ended by a new line. */
  end(): JoinedLine[] {
    return [...this.#begun.keys()].flatMap((stream) => this.#end(stream));
  }

  #begin(stream: LogEntry['stream'], line: Begun, text: Uint8Array): void {
    if (line.bytes < LOG_LINE_BYTES) line.pieces.push(text);
    line.bytes += text.length;
    this.#begun.set(stream, line);
  }

  #end(stream: LogEntry['stream']): JoinedLine[] {
    const line = this.#begun.get(stream);
    this.#begun.delete(stream);
    return line === undefined ? [] : [{ stream, at: line.at, text: cut(Buffer.concat(line.pieces)) }];
  }
}

interface Begun {
  readonly at: string;
  readonly pieces: Uint8Array[];
  bytes: number;
}

const cut = (text: Uint8Array): Uint8Array => (text.length > LOG_LINE_BYTES ? text.subarray(0, LOG_LINE_BYTES) : text);
