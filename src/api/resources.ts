import { KontenaError, type Revision } from '../model/index.js';
import type { Caller, Clock, ResourceCalls, ResourceKind } from '../ports/index.js';
import type { AuthorIn } from './author-in.js';
import { revokeCredential } from './credentials.js';
import { sees } from './gate.js';
import type { GridMaker } from './grids.js';
import { historyOf } from './history.js';
import { listResources } from './list.js';
import { withoutKind } from './names.js';
import { removeNode } from './nodes.js';
import { removeProvider } from './people/providers.js';
import { removeRegistry } from './registries.js';
import { endSession } from './people/sessions.js';
import { removeUser } from './people/users.js';
import { removeRole } from './roles.js';
import { removeStack } from './stacks.js';
import { removeToken } from './tokens.js';
import { removeFromVault, type VaultMeans } from './vault.js';
import { removeVolume } from './volumes.js';
import { watchResources } from './watch.js';

interface Means extends VaultMeans {
  readonly clock: Clock;
  readonly grids: GridMaker;
}

/** What may be asked of every kind alike. Of lists one is told what one may see. */
export const resourceCalls = (means: Means, author: AuthorIn, caller: Caller): ResourceCalls => ({
  list: (query) => only(listResources(means.store, query), (item) => sees({ ...means, caller }, 'list', item)),
  watch: (query, signal) => only(watchResources(means.store, means.clock, query, signal), ({ resource }) => sees({ ...means, caller }, 'watch', resource)),
  history: (grid, kind, name) => historyOf(means.store, grid, kind, name),
  remove: async (grid, kind, typed) => REMOVAL[kind]({ ...means, author, caller, grid, name: withoutKind(kind, typed) }),
});

async function* only<T>(items: AsyncIterable<T>, isSeen: (item: T) => boolean): AsyncGenerator<T> {
  for await (const item of items) if (isSeen(item)) yield item;
}

interface Removing extends Means {
  readonly author: AuthorIn;
  readonly caller: Caller;
  readonly grid: string;
  readonly name: string;
}

/** How each kind is removed. @throws KontenaError KON_NOT_FOUND, KON_CONFLICT, KON_INVALID for what is not removed by itself */
const REMOVAL: { readonly [K in ResourceKind]: (removing: Removing) => Promise<{ readonly revision: Revision }> } = {
  stack: ({ store, author, grid, name }) => removeStack(store, author(grid), name),
  node: ({ store, author, grid, name }) => removeNode(store, author(grid), name),
  token: ({ store, author, caller, grid, name }) => removeToken(store, author(grid), caller, name),
  credential: ({ store, author, caller, grid, name }) => revokeCredential(store, author(grid), caller, name),
  user: ({ store, author, caller, grid, name }) => removeUser(store, author(grid), caller, name),
  provider: ({ store, author, grid, name }) => removeProvider(store, author(grid), name),
  session: ({ store, author, grid, name }) => endSession(store, author(grid), name),
  secret: (means) => removeFromVault(means, means.author(means.grid), { kind: 'Secret', name: means.name }),
  certificate: (means) => removeFromVault(means, means.author(means.grid), { kind: 'Certificate', name: means.name }),
  registry: ({ store, author, grid, name }) => removeRegistry({ store }, author(grid), name),
  volume: ({ store, author, grid, name }) => removeVolume(store, author(grid), name),
  grid: ({ grids, author, name }) => grids.remove(author(name), name),
  role: ({ store, author, grid, name }) => removeRole(store, author(grid), name),
  service: ({ name }) => notByItself(`service ${name} cannot be removed by itself: apply its stack without it, or scale it`),
  instance: ({ name }) => notByItself(`instance ${name} cannot be removed by itself: apply its stack without it, or scale it`),
  route: ({ name }) => notByItself(`route ${name} cannot be removed by itself: apply its stack without the link to the balancer`),
  member: ({ name }) => notByItself(`a member is not removed: take the roles of ${name} back with \`member remove\``),
  source: () => notByItself('a source cannot be removed'),
};

const notByItself = (why: string): Promise<never> => Promise.reject(new KontenaError('KON_INVALID', why));
