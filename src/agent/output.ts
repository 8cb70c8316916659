import type { LogStream } from '../model/index.js';
import type { Container } from '../ports/index.js';

/** Whoever keeps what containers write, as the containers' keeper knows them. */
export interface Output {
  /** A container is there, running or ended. */
  found(container: Container): void;
  /** It is there no more. */
  gone(instance: string): void;
  /** Resolves when what an ended container wrote is read, or that takes too long: then it may be removed. */
  settled(instance: string): Promise<void>;
  /** What is to stand in the log of an instance besides what its container writes. */
  note(instance: string, stream: LogStream, lines: readonly string[]): void;
}
