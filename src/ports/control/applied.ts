import type { Mistake, Revision } from '../../model/index.js';

/** What applying does, or would do, to one service, to the stack itself, to a secret, whose value is never told, or to a volume that comes with it. */
export interface Difference {
  readonly kind: 'Stack' | 'Service' | 'Secret' | 'Volume';
  readonly name: string;
  readonly action: 'create' | 'update' | 'delete';
  readonly fields: readonly { readonly path: string; readonly from: unknown; readonly to: unknown }[];
  /** The containers are made anew. */
  readonly replaces: boolean;
}

export interface Applied {
  readonly name: string;
  readonly revision: Revision;
  /** Empty when all of it was so already. */
  readonly differences: readonly Difference[];
  readonly warnings: readonly Mistake[];
}
