import type { ServiceSpec } from '../model/index.js';

/** What a keeper of containers needs of the balancers: their containers are made of something else than what is declared. */
export interface Balancing {
  /** What an instance's container is made from. */
  containerOf(instance: string, spec: ServiceSpec): ServiceSpec;
  /** Why a balancer's container cannot be made yet; undefined for all that can. */
  lacks(instance: string, spec: ServiceSpec): string | undefined;
}
