import type { LogLine } from '../../model/index.js';
import type { ByteStream } from '../link.js';
import type { LogQuery } from '../runtime.js';
import type { Actions } from './actions.js';

/** What reaches into the containers of instances; these may be named by their service or stack too. */
export interface InstanceCalls {
  /** Of an instance, or of all instances of a service or stack. */
  logs(grid: string, name: string, query: LogQuery, signal: AbortSignal): AsyncIterable<LogLine>;
  /**
   * A TCP port of an instance, or of one of the instances of a service that serve: a connection of its own each time.
   * @throws KON_NOT_FOUND, KON_CONFLICT when none of them serves; what keeps the connection from being made comes when it is read
   */
  forward(grid: string, target: { readonly name: string; readonly port: number }, signal: AbortSignal): ByteStream;
}

export const INSTANCE_ACTIONS: Actions<InstanceCalls> = {
  logs: { action: 'instance.logs', isChange: false, on: (grid, name) => ({ grid, kind: 'any', name }) },
  forward: { action: 'instance.forward', isChange: false, isNoted: true, on: (grid, { name }) => ({ grid, kind: 'any', name }), detail: (_grid, { port }) => `port ${port}` },
};
