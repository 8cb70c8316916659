import { type AnyTablePart, type Assignments, EMPTY_HISTOGRAM, type EngineVolume, type FactsBody, type Histogram, type InstanceReport, KontenaError, type LogBatch, type LogSearch, type LogSubject, type NodeAnswers, type NodeNetworkBody, type NodeQuestion, type NodeStatistics, type TableName } from '../model/index.js';
import type { AgentSide, ByteStream } from '../ports/index.js';
import { FakeInside } from './fake-inside.js';

/** An agent that does nothing and has nothing to say: what a test is about, it overrides. */
export class SilentAgent implements AgentSide {
  readonly assigned: Assignments[] = [];
  readonly told: AnyTablePart[] = [];
  readonly inside = new FakeInside();
  there: InstanceReport[] = [];
  state: NodeNetworkBody | undefined;
  uses: NodeStatistics | undefined;
  /** What is in its volumes, in pieces. */
  readonly volumes = new Map<string, readonly Uint8Array[]>();
  /** What it says when it is asked; undefined answers nothing. */
  answers: ((question: NodeQuestion) => unknown) | undefined;

  assign(assignments: Assignments): void {
    this.assigned.push(assignments);
  }

  snapshot(): readonly InstanceReport[] {
    return this.there;
  }

  facts(): FactsBody {
    return {
      agentVersion: 'a', engineVersion: '20.10', engineApiVersion: '1.41', operatingSystem: 'debian', kernel: '6', architecture: 'x86_64',
      cpus: 2, memoryBytes: 2 ** 40, volumeDrivers: ['local'], networkDrivers: [], addresses: ['10.0.0.1'],
    };
  }

  network(): NodeNetworkBody | undefined {
    return this.state;
  }

  statistics(): NodeStatistics | undefined {
    return this.uses;
  }

  balancing(): undefined {
    return undefined;
  }

  table(part: AnyTablePart): void {
    this.told.push(part);
  }

  differing(): readonly TableName[] {
    return [];
  }

  served(): Histogram {
    return EMPTY_HISTOGRAM;
  }

  async *logs(_subject: LogSubject, _search: LogSearch, _signal: AbortSignal): AsyncIterable<LogBatch> {
    // nobody wrote anything
  }

  dial(instance: string, port: number, _signal: AbortSignal): Promise<ByteStream> {
    return Promise.reject(new KontenaError('KON_PORT_UNREACHABLE', `port ${port} of ${instance} cannot be reached`));
  }

  async *readVolume(name: string, _signal: AbortSignal): AsyncIterable<Uint8Array> {
    const found = this.volumes.get(name);
    if (found === undefined) throw new KontenaError('KON_NOT_FOUND', `the engine has no volume ${name}`);
    for (const piece of found) yield piece;
  }

  async writeVolume(volume: EngineVolume, tar: AsyncIterable<Uint8Array>, _signal: AbortSignal): Promise<void> {
    const pieces: Uint8Array[] = [];
    for await (const piece of tar) pieces.push(piece);
    this.volumes.set(volume.name, pieces);
  }

  answer<K extends NodeQuestion['kind']>(question: Extract<NodeQuestion, { readonly kind: K }>, _signal: AbortSignal): Promise<NodeAnswers[K]> {
    if (this.answers === undefined) return Promise.reject(new KontenaError('KON_INTERNAL', `nobody answers ${question.kind}`));
    return Promise.resolve(this.answers(question) as NodeAnswers[K]);
  }
}
