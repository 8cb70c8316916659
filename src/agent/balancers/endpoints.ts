import { type Endpoint, type Millis, parseInstance } from '../../model/index.js';
import type { TableUser } from '../tables.js';

const NONE: ReadonlyMap<string, Endpoint> = new Map();

/** These services are reached otherwise, since so long. */
type OnChange = (services: ReadonlySet<string>, ageMs: Millis) => void;

/** Where the instances of each service are reached. */
export class EndpointsByService implements TableUser<Endpoint> {
  readonly #onChange: OnChange;
  readonly #services = new Map<string, Map<string, Endpoint>>();

  constructor(onChange: OnChange) {
    this.#onChange = onChange;
  }

  /** In the order of names. */
  of(service: string): readonly Endpoint[] {
    return [...(this.#services.get(service) ?? NONE).values()].sort((a, b) => (a.instance < b.instance ? -1 : 1));
  }

  whole(rows: readonly Endpoint[]): void {
    const before = [...this.#services.keys()];
    this.#services.clear();
    for (const row of rows) this.#put(row);
    this.#onChange(new Set([...before, ...this.#services.keys()]), 0);
  }

  changed(rows: readonly Endpoint[], removed: readonly string[], ageMs: Millis): void {
    for (const row of rows) this.#put(row);
    for (const instance of removed) this.#services.get(serviceOf(instance))?.delete(instance);
    this.#onChange(new Set([...rows.map(({ instance }) => instance), ...removed].map(serviceOf)), ageMs);
  }

  #put(row: Endpoint): void {
    const service = serviceOf(row.instance);
    const rows = this.#services.get(service) ?? new Map<string, Endpoint>();
    this.#services.set(service, rows.set(row.instance, row));
  }
}

const serviceOf = (instance: string): string => parseInstance(instance)?.service ?? '';
