import type { PathInfo, ProgramCall } from '../model/index.js';
import type { RunningProgram } from './two-way.js';

/**
 * The way into the containers of a node's instances, for people.
 *
 * @throws (all of it) KontenaError KON_CONTAINER_MISSING, KON_ENGINE_UNREACHABLE, KON_ENGINE_REFUSED with what the engine says
 */
export interface Inside {
  /** Begins a program in a running container, to speak with it; the signal ends it. */
  begin(instance: string, call: ProgramCall, signal: AbortSignal): Promise<RunningProgram>;
  /** Joins the program that the container was made for: what it writes from now on. It goes on when it is left. */
  attach(instance: string, signal: AbortSignal): Promise<RunningProgram>;
  /** What lies at a path of a container, running or not. */
  look(instance: string, path: string, signal: AbortSignal): Promise<PathInfo>;
  /** A file or a directory as a tar. */
  pack(instance: string, path: string, signal: AbortSignal): AsyncIterable<Uint8Array>;
  /** Unpacks a tar into a directory that is there. */
  unpack(instance: string, directory: string, tar: AsyncIterable<Uint8Array>, signal: AbortSignal): Promise<void>;
}
