import { drop, put } from '../model/index.js';
import type { Author, Clock, SourceCalls, SourceState, Store } from '../ports/index.js';
import type { AuthorIn } from './author-in.js';
import { requireGrid } from './require-grid.js';

interface Means {
  readonly store: Store;
  readonly clock: Clock;
}

/** What may be asked of watched files. */
export const sourceCalls = (means: Means, author: AuthorIn): SourceCalls => ({
  report: (grid, source) => {
    reportSource(means, author(grid), source);
    return Promise.resolve();
  },
});

/** Remembers how a watched file fares; what is known already is not said again. */
function reportSource({ store, clock }: Means, author: Author, source: SourceState): void {
  const view = store.view(author.grid);
  requireGrid(view);
  const { directory, file, stack, error, isGone } = source;
  const before = view.get('Source', file)?.body;
  if (isGone === true) {
    if (before !== undefined) store.observe(author, [drop('Source', file, 'the file is gone')]);
    return;
  }
  if (before !== undefined && before.directory === directory && before.stack === stack && before.error === error) return;
  const body = { directory, at: clock.now(), ...(stack === undefined ? {} : { stack }), ...(error === undefined ? {} : { error }) };
  store.observe(author, [put('Source', file, body, error ?? 'read')]);
}
