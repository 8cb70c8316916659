import { type Assignments, later, type Millis, type TableName } from '../model/index.js';
import type { Clock, Memory, TableMemory } from '../ports/index.js';

/** How long a file of an agent takes until it is on the disk. */
const SAVE_MS: Millis = 40;

/** What an agent keeps on its disk: it takes time, may fail, and can be lost. What dies before it is written is not. */
export class SimMemory {
  #kept: Assignments | undefined;
  readonly #tables = new Map<TableName, readonly unknown[]>();
  /** Since the last time that something could be written, something could not. */
  #isBehind = false;
  isFailing = false;

  /** Told when assignments were written, or could not be: the agent obeys them now. */
  onObeyed: (assignments: Assignments) => void = () => undefined;

  constructor(readonly clock: Clock, readonly onBroken: (why: string) => void) {}

  /** As one process of the agent knows it. */
  newProcess(): { readonly memory: Memory; readonly tableMemory: TableMemory; readonly end: () => void } {
    let isOver = false;
    const memory: Memory = {
      load: () => Promise.resolve(this.#kept),
      save: async (assignments) => {
        await new Promise<void>((resolve) => this.clock.at(later(this.clock.now(), SAVE_MS), resolve));
        if (!isOver) this.#keep(assignments);
      },
    };
    const tableMemory: TableMemory = {
      load: (table) => Promise.resolve(this.#tables.get(table) as never),
      save: (table, rows) => Promise.resolve(void this.#tables.set(table, rows)),
    };
    return { memory, tableMemory, end: () => (isOver = true) };
  }

  /** What it is to run, as far as its disk let it remember. */
  get kept(): Assignments | undefined {
    return this.#kept;
  }

  /** Whether something was obeyed that is not {@link kept}. */
  get isBehind(): boolean {
    return this.#isBehind;
  }

  /** Whether the agent would know after a crash, as far as its disk let it, that it made the instance. */
  knows(instance: string): boolean {
    return this.#isBehind || (this.#kept?.containers.instances.some(({ name }) => name === instance) ?? false);
  }

  forget(): void {
    this.#kept = undefined;
    this.#isBehind = false;
    this.#tables.clear();
  }

  #keep(assignments: Assignments): void {
    this.onObeyed(assignments);
    if (this.isFailing) {
      this.#isBehind = true;
      throw new Error('no space left on device');
    }
    const { epoch = 0, revision = 0 } = this.#kept ?? {};
    if (assignments.epoch < epoch || (assignments.epoch === epoch && assignments.revision < revision)) {
      this.onBroken(`obeyed epoch ${String(assignments.epoch)}, revision ${String(assignments.revision)} after epoch ${String(epoch)}, revision ${String(revision)}`);
    }
    this.#kept = assignments;
    this.#isBehind = false;
  }
}
