import type { MakeNameServer, NameAnswer, NamePlace } from '../ports/index.js';

/** A server of names that nobody asks over a wire: a test asks it. */
export class FakeNameServers {
  place: NamePlace | undefined;
  #answer: Parameters<MakeNameServer>[0]['answer'] | undefined;

  readonly make: MakeNameServer = ({ answer }) => {
    this.#answer = answer;
    return {
      serve: (place) => void (this.place = place),
      stop: () => {
        this.place = undefined;
        return Promise.resolve();
      },
    };
  };

  /** What a container that asks here is told; undefined when nobody answers. */
  ask(name: string, type = 'A'): NameAnswer | undefined {
    return this.place === undefined ? undefined : this.#answer?.({ name, type });
  }
}
