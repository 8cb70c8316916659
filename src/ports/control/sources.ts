import { type Actions, onGrid } from './actions.js';

export interface SourceState {
  readonly directory: string;
  /** Absolute path. */
  readonly file: string;
  readonly stack?: string;
  readonly error?: string;
  /** The file is gone. */
  readonly isGone?: boolean;
}

export interface SourceCalls {
  /** Says how a watched file fares, for `get stacks` and the log. An absent error takes an earlier one back. */
  report(grid: string, source: SourceState): Promise<void>;
}

export const SOURCE_ACTIONS: Actions<SourceCalls> = {
  report: { action: 'source.report', isChange: true, on: onGrid },
};
