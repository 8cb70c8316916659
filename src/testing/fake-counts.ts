import type { NodeReading, Reading } from '../model/index.js';
import type { Datagrams, KernelCounts } from '../ports/index.js';

const MIB = 2 ** 20;

/** What a kernel counts, as a test says: by the engine's ids of what runs. */
export class FakeCounts implements KernelCounts {
  own: NodeReading = {
    cpuSeconds: 0, memoryBytes: 512 * MIB, memoryLimitBytes: 2048 * MIB, network: { in: 0, out: 0 }, disk: { in: 0, out: 0 }, cpus: 2, load: [0, 0, 0], diskBytes: 1000 * MIB, diskUsedBytes: 100 * MIB,
  };

  fails: Error | undefined;
  readonly containers = new Map<string, Reading>();

  machine(): Promise<NodeReading> {
    return this.fails === undefined ? Promise.resolve(this.own) : Promise.reject(this.fails);
  }

  container(id: string): Reading | undefined {
    return this.containers.get(id);
  }
}

/** What was sent, in words. */
export class FakeDatagrams implements Datagrams {
  readonly sent: string[] = [];
  isClosed = false;

  send({ host, port }: { readonly host: string; readonly port: number }, texts: readonly string[]): void {
    this.sent.push(...texts.map((text) => `${host}:${String(port)} ${text}`));
  }

  close(): void {
    this.isClosed = true;
  }
}
