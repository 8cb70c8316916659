import type { Attachment, Resolver } from '../ports/index.js';

/** A place on the grid's network, or why an instance has none yet. */
export type Place = Attachment | { readonly wait: string };

/** What a keeper of containers needs of the network: a place for each instance that is to be on it. */
export interface Places {
  /** The same each time it is asked. */
  attach(instance: string): Place;
  /** How an instance looks for names that is on the node's own network; undefined while names are not served. */
  resolver(instance: string): Resolver | undefined;
  /** Its container is gone, or was never made and will not be. */
  detach(instance: string): void;
}
