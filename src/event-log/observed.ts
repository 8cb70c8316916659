import { type Bodies, type Happening, type Instant, instanceHappening, networkHappening, nodeHappening, sourceHappening } from '../model/index.js';
import type { Changed, View } from '../ports/index.js';

/** What is observed and worth telling: each compared with what it was before. */
type Told = 'Report' | 'Pulse' | 'NodeNetwork' | 'Source';

interface Telling<K extends Told> {
  readonly happening: (name: string, was: Bodies[K] | undefined, is: Bodies[K]) => Happening | undefined;
  readonly by: (name: string, is: Bodies[K]) => string;
}

const TOLD: { readonly [K in Told]: Telling<K> } = {
  Report: { happening: instanceHappening, by: (_name, { node }) => `agent of ${node}` },
  Pulse: { happening: nodeHappening, by: () => 'link' },
  NodeNetwork: { happening: networkHappening, by: (name) => `agent of ${name}` },
  Source: { happening: sourceHappening, by: () => 'watched-directory' },
};

/** Remembers what was last observed, and tells what is news of it. */
export class Observed {
  readonly #last = new Map<string, Bodies[Told]>();
  readonly #startedAt: Instant;

  /** @param startedAt what is so since before then was told already */
  constructor(startedAt: Instant) {
    this.#startedAt = startedAt;
  }

  /** Undefined for what is no news. */
  news({ grid, kind, name }: Changed, view: View): (Happening & { readonly by: string }) | undefined {
    return isTold(kind) ? this.#news(kind, name, `${grid} ${kind} ${name}`, view) : undefined;
  }

  #news(kind: Told, name: string, key: string, view: View): (Happening & { readonly by: string }) | undefined {
    const is = view.get(kind, name)?.body;
    const was = this.#last.get(key);
    if (is === undefined) {
      this.#last.delete(key);
      return undefined;
    }
    this.#last.set(key, is);
    if (was === undefined && 'since' in is && is.since < this.#startedAt) return undefined;
    const { happening, by } = TOLD[kind] as Telling<Told>;
    const found = happening(name, was, is);
    return found === undefined ? undefined : { ...found, by: by(name, is) };
  }
}

const isTold = (kind: string): kind is Told => Object.hasOwn(TOLD, kind);
