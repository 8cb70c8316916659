import { firstHost, parseInstance, type Subnet } from '../../model/index.js';
import type { Resolver } from '../../ports/index.js';
import type { Place } from '../places.js';
import { AddressBook } from './address-book.js';

/** What the network keeper is told of others' matters. */
export interface Neighbourhood {
  /** The addresses of the containers that are there, by instance; undefined before they were looked at. */
  held(): ReadonlyMap<string, string> | undefined;
  /** Where an instance looks for names, given the address of its gateway. */
  resolver(instance: string, gateway: string): Resolver;
}

/** The network there is now. */
export interface Ground {
  readonly lease: Subnet;
  /** As the engine calls it. */
  readonly network: string;
}

/** Places on the network: each instance has one address, and keeps it while its container lives. */
export class Attachments {
  readonly #neighbourhood: Neighbourhood;
  #book: { readonly of: Subnet; readonly addresses: AddressBook } | undefined;

  constructor(neighbourhood: Neighbourhood) {
    this.#neighbourhood = neighbourhood;
  }

  /** @param ground undefined, or why there is none */
  attach(instance: string, ground: Ground | string): Place {
    if (parseInstance(instance) === undefined) throw new RangeError(`"${instance}" is not the name of an instance`);
    if (typeof ground === 'string') return { wait: ground };
    const book = this.#bookOf(ground.lease);
    if (book === undefined) return { wait: 'the containers that are here are not known yet' };
    const address = book.take(instance);
    if (address === undefined) return { wait: book.whyNone };
    return { network: ground.network, address, resolver: this.resolver(instance, ground) };
  }

  /** How an instance of this node looks for names: at the gateway of its network. */
  resolver(instance: string, { lease }: Ground): Resolver {
    return this.#neighbourhood.resolver(instance, firstHost(lease));
  }

  /** Its container is gone, or was never made and will not be. */
  detach(instance: string): void {
    this.#book?.addresses.giveBack(instance);
  }

  #bookOf(lease: Subnet): AddressBook | undefined {
    if (this.#book?.of.first === lease.first && this.#book.of.prefix === lease.prefix) return this.#book.addresses;
    const held = this.#neighbourhood.held();
    if (held === undefined) return undefined;
    const addresses = new AddressBook(lease, held);
    this.#book = { of: lease, addresses };
    return addresses;
  }
}
