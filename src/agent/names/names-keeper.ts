import { DOMAIN, type Endpoint, type Lookup, type NamesSection, type NetworkProblem, parseInstance, parseSubnet, type Subnet } from '../../model/index.js';
import type { MakeNameServer, NameAnswer, NamePlace, NameQuestion, NameServer, Random, Resolver } from '../../ports/index.js';
import type { Keeper } from '../keeper.js';
import type { TableUser } from '../tables.js';
import { aliasDomain } from './aliases.js';
import { answer, type NameContext } from './answer.js';
import { explain } from './explain.js';
import { NameIndex } from './name-index.js';

export interface NamesKeeperOptions {
  readonly makeServer: MakeNameServer;
  readonly random: Random;
  readonly grid: string;
  /** What is wrong with the serving of names, or nothing any more. */
  readonly onProblem: (problem: NetworkProblem | undefined) => void;
}

/** Answers the containers of this node when they ask for names. */
export class NamesKeeper implements Keeper<NamesSection>, TableUser<Endpoint> {
  readonly #options: NamesKeeperOptions;
  readonly #server: NameServer;
  readonly #index: NameIndex;
  #links: NamesSection['links'] = {};
  #place: NamePlace | undefined;
  #subnet: Subnet | undefined;

  constructor(options: NamesKeeperOptions) {
    this.#options = options;
    this.#index = new NameIndex(options.grid);
    this.#server = options.makeServer({ answer: (question) => this.answer(question), onProblem: options.onProblem });
  }

  start(): Promise<void> {
    return Promise.resolve();
  }

  /** Leaves nothing behind: who asks meanwhile asks again. */
  stop(): Promise<void> {
    return this.#server.stop();
  }

  obey({ links }: NamesSection): void {
    this.#links = links;
  }

  whole(rows: readonly Endpoint[]): void {
    this.#index.whole(rows);
  }

  changed(rows: readonly Endpoint[], removed: readonly string[]): void {
    for (const row of rows) this.#index.put(row);
    for (const instance of removed) this.#index.remove(instance);
  }

  /** The node has this place on its grid's network, or none. */
  serveAt(place: NamePlace | undefined): void {
    if (place?.address === this.#place?.address && place?.subnet === this.#place?.subnet) return;
    this.#place = place;
    this.#subnet = place === undefined ? undefined : parseSubnet(place.subnet);
    this.#server.serve(place);
  }

  /** How an instance looks for names, at the gateway of its network. */
  resolver(instance: string, gateway: string): Resolver {
    const { grid } = this.#options;
    const { stack = '', service = '' } = parseInstance(instance) ?? {};
    const aliases = aliasDomain({ stack, service: service.slice(stack.length + 1) }, grid, this.#links);
    return { dns: [gateway], search: [...(aliases === undefined ? [] : [aliases]), `${stack}.${grid}.${DOMAIN}`, `${grid}.${DOMAIN}`, DOMAIN] };
  }

  answer(question: NameQuestion): NameAnswer {
    return answer(question, this.#context);
  }

  /** What a name means here, also a short one or an address, and why an instance behind it is not in the answer. */
  lookUp(asked: string): Lookup {
    const { name, said, because, instances } = explain(asked, this.#context);
    const found = this.answer({ name, type: 'A' });
    const addresses = found.kind === 'records' ? found.records.flatMap((record) => (record.type === 'A' ? [record.address] : [])) : [];
    return { name, kind: said, because, addresses, instances: instances.map((one) => ({ ...one, serves: one.whyNot === undefined })) };
  }

  get #context(): NameContext {
    const { grid, random } = this.#options;
    return { index: this.#index, grid, subnet: this.#subnet, links: this.#links, chance: () => random.fraction() };
  }
}
