import { StringDecoder } from 'node:string_decoder';
import { type Frame, Frames } from './frames.js';

/** A line that never ends is cut here, so that it does not fill the memory. */
const LONGEST_LINE = 1024 * 1024;

export interface Written {
  readonly stream: Frame['stream'];
  readonly line: string;
}

/** Makes whole lines of frames, which end where they like; lines of the two streams are kept apart. */
export class Demultiplexer {
  readonly #frames = new Frames();
  readonly #begun: Record<Written['stream'], string> = { stdout: '', stderr: '' };
  /** A letter of several bytes may be cut between two frames. */
  readonly #decoders = { stdout: new StringDecoder('utf8'), stderr: new StringDecoder('utf8') };

  /** The lines that `chunk` completes. */
  take(chunk: Buffer): readonly Written[] {
    return this.#frames.take(chunk).flatMap(({ stream, bytes }) => this.#split(stream, this.#decoders[stream].write(bytes)));
  }

  /** What was begun and never ended with a new line. */
  end(): readonly Written[] {
    return (['stdout', 'stderr'] as const).filter((stream) => this.#begun[stream] !== '').map((stream) => ({ stream, line: this.#begun[stream] }));
  }

  #split(stream: Written['stream'], text: string): Written[] {
    const parts = (this.#begun[stream] + text).split('\n');
    const last = parts.pop() ?? '';
    this.#begun[stream] = last.length > LONGEST_LINE ? '' : last;
    if (last.length > LONGEST_LINE) parts.push(last);
    return parts.map((line) => ({ stream, line: line.replace(/\r$/, '') }));
  }
}
