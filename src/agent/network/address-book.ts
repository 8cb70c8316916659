import { nthAddress, parseAddress, sizeOf, type Subnet, subnetText } from '../../model/index.js';

/** The first address after the network's own and the gateway's. */
const FIRST = 2;
/** Those two, and the broadcast address at the end. */
const RESERVED = 3;

/**
 * Which instance has which address of the node's part. Keeps no file: what containers have is in their labels. An address
 * that was given back is given again last, so that whoever still has it in mind meets nobody for as long as can be.
 */
export class AddressBook {
  readonly #lease: Subnet;
  readonly #addresses = new Map<string, string>();
  readonly #taken = new Set<string>();
  /** Given back, the longest ago first. */
  readonly #givenBack = new Set<string>();
  /** Addresses that the walk has not come by yet, and where it is. */
  #unseen: number;
  #at: number;

  /** @param held by the containers that are there: instance → address */
  constructor(lease: Subnet, held: ReadonlyMap<string, string>) {
    this.#lease = lease;
    this.#unseen = Math.max(0, sizeOf(lease) - RESERVED);
    for (const [instance, address] of held) this.#hold(instance, address);
    // What was given out before this process began is most likely below the highest that is still held.
    this.#at = Math.max(0, ...[...held.values()].map((address) => (parseAddress(address) ?? 0) - lease.first - FIRST + 1));
  }

  /** The address of an instance, chosen now if it has none; undefined when all are taken. */
  take(instance: string): string | undefined {
    const known = this.#addresses.get(instance);
    if (known !== undefined) return known;
    const address = this.#nextNew() ?? this.#longestUnused();
    if (address !== undefined) this.#hold(instance, address);
    return address;
  }

  /** The instance is gone. */
  giveBack(instance: string): void {
    const address = this.#addresses.get(instance);
    if (address === undefined) return;
    this.#addresses.delete(instance);
    this.#taken.delete(address);
    this.#givenBack.add(address);
  }

  /** Why none is left, in one sentence. */
  get whyNone(): string {
    return `all ${Math.max(0, sizeOf(this.#lease) - RESERVED)} addresses of ${subnetText(this.#lease)} are taken`;
  }

  /** One that nobody had in the time of this process. Each is passed once. */
  #nextNew(): string | undefined {
    const count = sizeOf(this.#lease) - RESERVED;
    while (this.#unseen > 0) {
      const address = nthAddress(this.#lease, FIRST + (this.#at % count));
      this.#at += 1;
      this.#unseen -= 1;
      if (!this.#taken.has(address) && !this.#givenBack.has(address)) return address;
    }
    return undefined;
  }

  #longestUnused(): string | undefined {
    const { value: address } = this.#givenBack.values().next();
    return address;
  }

  #hold(instance: string, address: string): void {
    this.#givenBack.delete(address);
    this.#addresses.set(instance, address);
    this.#taken.add(address);
  }
}
