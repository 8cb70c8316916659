import { codeOf, later, type Millis, type NetworkProblem } from '../model/index.js';
import type { MakeNameServer, NamePlace, NameServer } from '../ports/index.js';
import { Ears, type EarsOptions } from './ears.js';
import type { MachineNames } from './machine-names.js';

/** Between two tries to listen where it is not possible yet. */
const RETRY_MS: Millis = 500;

type Means = Parameters<MakeNameServer>[0];

export interface DnsServerOptions extends Means, Omit<EarsOptions, 'places'> {
  /** Where programs of the machine ask, if they are to. */
  readonly machine?: MachineNames | undefined;
}

/** A server of names, by UDP and TCP: our own answers at once, others' when they have been asked for. */
export class DnsServer implements NameServer {
  readonly #options: DnsServerOptions;
  #posts: readonly Post[] = [];
  #told: string | undefined;

  constructor(options: DnsServerOptions) {
    this.#options = options;
    options.machine?.onProblem(() => this.#tell());
  }

  serve(place: NamePlace | undefined): void {
    const { machine } = this.#options;
    this.#quit();
    if (place === undefined) machine?.withdraw();
    else this.#posts = [place.address, ...(machine === undefined ? [] : [machine.address])].map((address) => this.#post(address, place));
    this.#tell();
  }

  async stop(): Promise<void> {
    this.#quit();
    await this.#options.machine?.stop();
  }

  #quit(): void {
    for (const post of this.#posts) post.close();
    this.#posts = [];
  }

  #post(address: string, { subnet }: NamePlace): Post {
    const { machine, log } = this.#options;
    const options = { ...this.#options, places: machine === undefined ? [] : [machine.address] };
    return new Post({ address, subnet }, options, {
      heard: () => {
        log.info('names are served', { address });
        if (address === machine?.address) machine.offer();
        this.#tell();
      },
      changed: () => this.#tell(),
    });
  }

  /** Once for each change. */
  #tell(): void {
    const { forwarder, machine, onProblem } = this.#options;
    const problem = this.#posts.find(({ deafness }) => deafness !== undefined)?.deafness ?? circleProblem(forwarder.circle) ?? machine?.problem;
    if (this.#told === problem?.reason) return;
    this.#told = problem?.reason;
    onProblem(problem);
  }
}

/** An address that is to be listened at, for as long as it takes until it can be. */
class Post {
  readonly #at: { readonly address: string; readonly subnet: string };
  readonly #options: EarsOptions;
  readonly #news: { readonly heard: () => void; readonly changed: () => void };
  #ears: Ears | undefined;
  #callOffRetry: () => void = () => undefined;
  #deafness: NetworkProblem | undefined;

  constructor(at: { readonly address: string; readonly subnet: string }, options: EarsOptions, news: { readonly heard: () => void; readonly changed: () => void }) {
    this.#at = at;
    this.#options = options;
    this.#news = news;
    this.#listen();
  }

  /** Why nothing is heard here. */
  get deafness(): NetworkProblem | undefined {
    return this.#deafness;
  }

  close(): void {
    this.#callOffRetry();
    this.#ears?.close();
    this.#ears = undefined;
  }

  #listen(): void {
    const ears = new Ears(this.#at, this.#options, {
      heard: () => {
        this.#deafness = undefined;
        this.#news.heard();
      },
      forwarded: () => this.#news.changed(),
      failed: (error) => {
        if (this.#ears === ears) this.#failed(error);
      },
    });
    this.#ears = ears;
  }

  #failed(error: Error): void {
    const { clock, port } = this.#options;
    this.close();
    this.#deafness = problemOf(error, this.#at.address, port);
    this.#news.changed();
    this.#callOffRetry = clock.at(later(clock.now(), RETRY_MS), () => this.#listen());
  }
}

function circleProblem(server: string | undefined): NetworkProblem | undefined {
  if (server === undefined) return undefined;
  return { what: 'names', reason: `the server of names ${server} that this machine uses asks this node in turn`, remedy: `Let ${server} ask others, or name another server in /etc/resolv.conf.` };
}

function problemOf(error: Error, address: string, port: number): NetworkProblem {
  const where = `${address}:${String(port)}`;
  switch (codeOf(error)) {
    case 'EADDRINUSE':
      return { what: 'names', reason: `another program listens on ${where}`, remedy: 'Let it listen on other addresses of this machine (dnsmasq: bind-interfaces, named: listen-on), or stop it.' };
    case 'EACCES':
      return { what: 'names', reason: `the agent may not listen on ${where}`, remedy: 'Run the agent as root, or give it the capability CAP_NET_BIND_SERVICE.' };
    default:
      return { what: 'names', reason: `cannot listen on ${where}: ${error.message}`, remedy: 'It is tried again until the address is there: see what else is wrong with the network of this node.' };
  }
}
