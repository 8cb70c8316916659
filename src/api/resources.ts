import { KontenaError, type Revision } from '../model/index.js';
import type { Clock, ResourceCalls, ResourceKind } from '../ports/index.js';
import type { AuthorIn } from './author-in.js';
import { revokeCredential } from './credentials.js';
import type { GridMaker } from './grids.js';
import { historyOf } from './history.js';
import { listResources } from './list.js';
import { withoutKind } from './names.js';
import { removeNode } from './nodes.js';
import { removeStack } from './stacks.js';
import { removeToken } from './tokens.js';
import { removeFromVault, type VaultMeans } from './vault.js';
import { watchResources } from './watch.js';

interface Means extends VaultMeans {
  readonly clock: Clock;
  readonly grids: GridMaker;
}

/** What may be asked of every kind alike. */
export const resourceCalls = (means: Means, author: AuthorIn): ResourceCalls => ({
  list: (query) => listResources(means.store, query),
  watch: (query, signal) => watchResources(means.store, means.clock, query, signal),
  history: (grid, kind, name) => historyOf(means.store, grid, kind, name),
  remove: async (grid, kind, typed) => remove(means, author, { grid, kind, name: withoutKind(kind, typed) }),
});

interface Removed {
  readonly grid: string;
  readonly kind: ResourceKind;
  readonly name: string;
}

/** @throws KontenaError KON_NOT_FOUND, KON_CONFLICT, KON_INVALID for what is not removed by itself */
function remove(means: Means, author: AuthorIn, { grid, kind, name }: Removed): Promise<{ readonly revision: Revision }> {
  const { store, grids } = means;
  switch (kind) {
    case 'stack':
      return removeStack(store, author(grid), name);
    case 'node':
      return removeNode(store, author(grid), name);
    case 'token':
      return removeToken(store, author(grid), name);
    case 'credential':
      return revokeCredential(store, author(grid), name);
    case 'secret':
      return removeFromVault(means, author(grid), { kind: 'Secret', name });
    case 'certificate':
      return removeFromVault(means, author(grid), { kind: 'Certificate', name });
    case 'grid':
      return grids.remove(author(name), name);
    case 'service':
    case 'instance':
      throw new KontenaError('KON_INVALID', `${kind} ${name} cannot be removed by itself: apply its stack without it, or scale it`);
    case 'source':
      throw new KontenaError('KON_INVALID', `a ${kind} cannot be removed`);
  }
}
