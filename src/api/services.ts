import type { ServiceCalls, Store } from '../ports/index.js';
import type { AuthorIn } from './author-in.js';
import { scaleService, updateService, verbCalls } from './by-hand.js';

/** What may be asked of services: they are declared by their stack. */
export const serviceCalls = ({ store }: { readonly store: Store }, author: AuthorIn): ServiceCalls => ({
  scale: (grid, service, instances) => scaleService(store, author(grid), service, instances),
  update: (grid, service, change) => updateService(store, author(grid), service, change),
  ...verbCalls('service', store, author),
});
