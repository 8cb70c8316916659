/** A stretch of what a container wrote, as the engine frames it: a byte for the stream, three of nothing, four of length, then the bytes. */
const HEADER_BYTES = 8;

export interface Frame {
  readonly stream: 'stdout' | 'stderr';
  readonly bytes: Buffer;
}

/** Takes what the engine sends apart. Chunks begin and end where they like. */
export class Frames {
  #rest: Buffer = Buffer.alloc(0);

  /** The frames that `chunk` completes. */
  take(chunk: Buffer): readonly Frame[] {
    this.#rest = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    const frames: Frame[] = [];
    for (let length = this.#frameLength(); this.#rest.length >= length; length = this.#frameLength()) {
      frames.push({ stream: this.#rest[0] === 2 ? 'stderr' : 'stdout', bytes: this.#rest.subarray(HEADER_BYTES, length) });
      this.#rest = this.#rest.subarray(length);
    }
    return frames;
  }

  #frameLength(): number {
    return this.#rest.length < HEADER_BYTES ? HEADER_BYTES : HEADER_BYTES + this.#rest.readUInt32BE(4);
  }
}
