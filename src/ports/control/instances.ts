import type { InstanceChecks, LogLine, LogSearch, PathInfo, ProgramCall } from '../../model/index.js';
import type { ByteStream, RunningProgram } from '../two-way.js';
import type { Actions } from './actions.js';
import type { InstanceStatistics, StatisticsQuery } from './statistics.js';

/** A path of an instance. */
export interface AtPath {
  readonly name: string;
  readonly path: string;
}

/** What reaches into the containers of instances; these may be named by their service or stack too. */
export interface InstanceCalls {
  /** Of an instance, a slot, or all of a service or stack, in the order of time; those together that come together. @throws KON_NOT_FOUND, KON_INVALID, KON_NODE_UNREACHABLE */
  logs(grid: string, name: string, search: LogSearch, signal: AbortSignal): AsyncIterable<readonly LogLine[]>;
  /**
   * A TCP port of an instance, or of one of the instances of a service that serve: a connection of its own each time.
   * @throws KON_NOT_FOUND, KON_CONFLICT when none of them serves; what keeps the connection from being made comes when it is read
   */
  forward(grid: string, target: { readonly name: string; readonly port: number }, signal: AbortSignal): ByteStream;
  /**
   * A program begun in an instance, or in one of those of a service that run; the signal ends it.
   * @throws KON_NOT_FOUND, KON_CONFLICT when none of them runs; what keeps it from being begun comes when it is read
   */
  exec(grid: string, target: { readonly name: string; readonly call: ProgramCall }, signal: AbortSignal): RunningProgram;
  /** The program of an instance itself: what it writes from now on. The signal leaves it. @throws as `exec` */
  attach(grid: string, name: string, signal: AbortSignal): RunningProgram;
  /** What lies at a path. @throws KON_NOT_FOUND, KON_NODE_UNREACHABLE, KON_CONTAINER_MISSING */
  look(grid: string, at: AtPath, signal: AbortSignal): Promise<PathInfo>;
  /** What lies at a path, as a tar. @throws as `look` */
  pack(grid: string, at: AtPath, signal: AbortSignal): AsyncIterable<Uint8Array>;
  /** Unpacks the tar that is sent into a directory: done when what is received has ended. @throws as `look` */
  unpack(grid: string, at: AtPath, signal: AbortSignal): ByteStream;
  /** What an instance last answered to its checks, as its node remembers. @throws KON_NOT_FOUND, KON_NODE_UNREACHABLE, KON_CONTAINER_MISSING */
  checks(grid: string, instance: string, signal: AbortSignal): Promise<InstanceChecks>;
  /** What instances use: of those whose statistics the caller may see. @throws KON_NOT_FOUND */
  statistics(grid: string, query: StatisticsQuery, signal: AbortSignal): AsyncIterable<InstanceStatistics>;
}

export const INSTANCE_ACTIONS: Actions<InstanceCalls> = {
  logs: { action: 'instance.logs', isChange: false, on: (grid, name) => ({ grid, kind: 'any', name }) },
  forward: { action: 'instance.forward', isChange: false, isNoted: true, on: (grid, { name }) => ({ grid, kind: 'any', name }), detail: (_grid, { port }) => `port ${port}` },
  exec: { action: 'instance.exec', isChange: true, on: (grid, { name }) => ({ grid, kind: 'any', name }), detail: (_grid, { call }) => call.command[0] }, // what follows may hold secrets
  attach: { action: 'instance.attach', isChange: true, on: (grid, name) => ({ grid, kind: 'any', name }) },
  look: { action: 'instance.look', isChange: false, on: (grid, { name }) => ({ grid, kind: 'any', name }) },
  pack: { action: 'instance.pack', isChange: false, isNoted: true, on: (grid, { name }) => ({ grid, kind: 'any', name }), detail: (_grid, { path }) => path },
  unpack: { action: 'instance.unpack', isChange: true, on: (grid, { name }) => ({ grid, kind: 'any', name }), detail: (_grid, { path }) => path },
  checks: { action: 'instance.checks', isChange: false, on: (grid, name) => ({ grid, kind: 'instance', name }) },
  statistics: { action: 'instance.statistics', isChange: false, on: (grid, { name }) => (name === undefined ? { grid, isEach: true } : { grid, kind: 'any', name }) },
};
