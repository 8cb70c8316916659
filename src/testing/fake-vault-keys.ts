import type { VaultKeys } from '../ports/index.js';

/** Keys of a vault that are known, and on no disk. */
export class FakeVaultKeys implements VaultKeys {
  all: VaultKeys['all'] = [Buffer.alloc(32, 7)];
  /** What is to happen once there is another. */
  onRenewed: () => void = () => undefined;
  #last: Promise<unknown> = Promise.resolve();

  renew(): Promise<void> {
    this.all = [Buffer.alloc(32, this.all[0][0]! + 1), ...this.all];
    this.onRenewed();
    return Promise.resolve();
  }

  forgetFormer(): Promise<void> {
    this.all = [this.all[0]];
    return Promise.resolve();
  }

  alone<T>(work: () => Promise<T>): Promise<T> {
    const next = this.#last.then(work);
    this.#last = next.catch(() => undefined);
    return next;
  }
}
