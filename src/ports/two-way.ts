import type { ProgramInput, ProgramOutput } from '../model/index.js';

/** One end of what goes both ways. Each way ends by itself. */
export interface TwoWay<Sent, Received> {
  /** What the other side sends, until it ends. @throws KontenaError when the connection breaks */
  received(): AsyncIterable<Received>;
  /** Waits until the other side takes it. False when it is closed. */
  send(item: Sent): Promise<boolean>;
  /** Nothing more will be sent. */
  end(): void;
  close(): void;
}

/** Bytes both ways. */
export type ByteStream = TwoWay<Uint8Array, Uint8Array>;

/** A program in a container, as whoever speaks with it sees it. What comes from it ends with its exit code; closed before that, it is ended. */
export type RunningProgram = TwoWay<ProgramInput, ProgramOutput>;
