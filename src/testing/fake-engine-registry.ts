import type { EngineRegistry } from '../ports/index.js';

/** A machine whose files are a map. */
export class FakeEngineRegistry implements EngineRegistry {
  /** Host → addresses. */
  readonly known = new Map<string, readonly string[]>();
  /** What writing fails with. */
  failure: Error | undefined;

  async introduce(host: string, addresses: readonly string[]): Promise<void> {
    await this.forget();
    if (addresses.length > 0) this.known.set(host, addresses);
  }

  forget(): Promise<readonly string[]> {
    if (this.failure !== undefined) return Promise.reject(this.failure);
    const hosts = [...this.known.keys()];
    this.known.clear();
    return Promise.resolve(hosts);
  }
}
