import { type FactsBody, type Instant, type InstancePhase, type InstanceReport, KontenaError, type NodeNetworkBody } from '../../model/index.js';
import type * as wire from '../gen/kontena/v1/node.js';
import { type EngineState, type FromMaster, type FromNode, isOfStream } from '../session/messages.js';
import { LIST_ENTRIES, NAME_CHARACTERS, OUTPUT_LINE_CHARACTERS, OUTPUT_LINES, REASON_CHARACTERS } from '../limits.js';
import { assignmentsFrom, assignmentsTo } from './assignments.js';
import { balancingFrom, balancingTo } from './balancing.js';
import { defined, orAbsent } from './plain.js';
import { nodeStatisticsFrom, nodeStatisticsTo } from './statistics.js';
import { isOnWire, streamFrom, streamTo } from './streams.js';
import { endpointsFrom, peersFrom, statesFrom, statesTo, tableNameFrom, tableTo } from './tables.js';

const PHASES = ['pending', 'pulling', 'creating', 'starting', 'running', 'stopping', 'stopped', 'failed'] as const satisfies readonly InstancePhase[];
const HEALTHS = ['starting', 'healthy', 'unhealthy'] as const;

/** What the agent's end puts on the stream. */
export function fromNodeTo(message: FromNode): wire.FromNode {
  if (isOfStream(message)) return { message: streamTo(message) };
  switch (message.type) {
    case 'hello':
      return { message: { $case: 'hello', value: { facts: factsTo(message.facts), engine: engineTo(message.engine) } } };
    case 'snapshot':
      return { message: { $case: 'snapshot', value: { reports: message.reports.map(reportTo), isLast: message.isLast } } };
    case 'reports':
      return { message: { $case: 'reports', value: { reports: message.reports.map(reportTo) } } };
    case 'pong':
      return { message: { $case: 'pong', value: { sequence: message.sequence, served: [...message.served] } } };
    case 'engine':
      return { message: { $case: 'engine', value: engineTo(message.engine) } };
    case 'facts':
      return { message: { $case: 'facts', value: factsTo(message.facts) } };
    case 'network':
      return { message: { $case: 'network', value: networkTo(message.network) } };
    case 'balancing':
      return { message: { $case: 'balancing', value: balancingTo(message.balancers) } };
    case 'statistics':
      return { message: { $case: 'statistics', value: nodeStatisticsTo(message.statistics) } };
    case 'tableWanted':
      return { message: { $case: 'tableWanted', value: message } };
  }
}

/** What the master's end takes from it, cut to what agents of ours say; undefined for what a newer agent says. @throws KON_INVALID for what no agent of ours says */
export function fromNodeFrom({ message }: wire.FromNode): FromNode | undefined {
  if (message === undefined) return undefined;
  if (isOnWire(message)) return streamFrom(message);
  if (isState(message)) return stateFrom(message);
  switch (message.$case) {
    case 'hello':
      return { type: 'hello', facts: factsFrom(message.value.facts), engine: engineFrom(message.value.engine) };
    case 'snapshot':
      return { type: 'snapshot', reports: message.value.reports.map(reportFrom), isLast: message.value.isLast };
    case 'reports':
      return { type: 'reports', reports: message.value.reports.map(reportFrom) };
    case 'pong':
      return { type: 'pong', sequence: message.value.sequence, served: message.value.served };
    case 'tableWanted':
      return { type: 'tableWanted', table: tableNameFrom(message.value.table) };
  }
}

type Message = NonNullable<wire.FromNode['message']>;
const STATES = ['engine', 'facts', 'network', 'balancing', 'statistics'] as const;
/** Of which the newest counts, whatever was said before. */
type State = Extract<Message, { readonly $case: (typeof STATES)[number] }>;

const isState = (message: Message): message is State => (STATES as readonly string[]).includes(message.$case);

function stateFrom(message: State): FromNode {
  switch (message.$case) {
    case 'engine':
      return { type: 'engine', engine: engineFrom(message.value) };
    case 'facts':
      return { type: 'facts', facts: factsFrom(message.value) };
    case 'network':
      return { type: 'network', network: networkFrom(message.value) };
    case 'balancing':
      return { type: 'balancing', balancers: balancingFrom(message.value) };
    case 'statistics':
      return { type: 'statistics', statistics: nodeStatisticsFrom(message.value) };
  }
}

/** What the master's end puts on the stream. */
export function fromMasterTo(message: FromMaster): wire.FromMaster {
  if (isOfStream(message)) return { message: streamTo(message) };
  switch (message.type) {
    case 'assignments':
      return { message: { $case: 'assignments', value: assignmentsTo(message.assignments) } };
    case 'table':
      return tableTo(message);
    case 'ping':
      return { message: { $case: 'ping', value: { sequence: message.sequence, tables: statesTo(message.tables) } } };
    case 'renewNow':
      return { message: { $case: 'renewNow', value: {} } };
  }
}

/** What the agent's end takes from it; undefined for what a newer master says. */
export function fromMasterFrom({ message }: wire.FromMaster): FromMaster | undefined {
  if (message === undefined) return undefined;
  if (isOnWire(message)) return streamFrom(message);
  switch (message.$case) {
    case 'assignments':
      return { type: 'assignments', assignments: assignmentsFrom(message.value) };
    case 'peers':
      return { type: 'table', ...peersFrom(message.value) };
    case 'endpoints':
      return { type: 'table', ...endpointsFrom(message.value) };
    case 'ping':
      return { type: 'ping', sequence: message.value.sequence, tables: statesFrom(message.value.tables) };
    case 'renewNow':
      return { type: 'renewNow' };
  }
}

const cut = (reason: string): string => reason.slice(0, REASON_CHARACTERS);

const short = (name: string): string => name.slice(0, NAME_CHARACTERS);

const few = (names: readonly string[]): readonly string[] => names.slice(0, LIST_ENTRIES).map(short);

const engineTo = ({ isAnswering, reason }: EngineState): wire.Engine => ({ isAnswering, reason: reason ?? '' });

const engineFrom = (engine: wire.Engine | undefined): EngineState => ({
  isAnswering: engine?.isAnswering ?? true,
  ...(engine === undefined || engine.reason === '' ? {} : { reason: cut(engine.reason) }),
});

const factsTo = ({ volumeDrivers, networkDrivers, addresses, ...rest }: FactsBody): wire.Facts => ({
  ...rest,
  volumeDrivers: [...volumeDrivers],
  networkDrivers: [...networkDrivers],
  addresses: [...addresses],
});

function factsFrom(facts: wire.Facts | undefined): FactsBody {
  if (facts === undefined) throw new KontenaError('KON_INVALID', 'an agent opened the link without saying what its node is');
  return {
    agentVersion: short(facts.agentVersion),
    engineVersion: short(facts.engineVersion),
    engineApiVersion: short(facts.engineApiVersion),
    operatingSystem: short(facts.operatingSystem),
    kernel: short(facts.kernel),
    architecture: short(facts.architecture),
    cpus: facts.cpus,
    memoryBytes: facts.memoryBytes,
    volumeDrivers: few(facts.volumeDrivers),
    networkDrivers: few(facts.networkDrivers),
    addresses: few(facts.addresses),
  };
}

const networkTo = ({ publicKey = '', port, addresses, implementation, routes, problems }: NodeNetworkBody): wire.NodeNetwork => ({
  publicKey, port, addresses: [...addresses], implementation: implementation ?? '', routes: [...routes], problems: problems.map((problem) => ({ ...problem })),
});

const IMPLEMENTATIONS = ['wireguard', 'wireguard-go'] as const;

const networkFrom = ({ publicKey, port, addresses, implementation, routes, problems }: wire.NodeNetwork): NodeNetworkBody =>
  defined({
    publicKey: orAbsent(short(publicKey)),
    port,
    addresses: few(addresses),
    implementation: IMPLEMENTATIONS.find((one) => one === implementation),
    routes: few(routes),
    problems: problems.slice(0, LIST_ENTRIES),
  });

const reportTo = ({ name, isGone, report }: InstanceReport): wire.Report => ({
  instance: name,
  isGone,
  phase: report.phase,
  health: report.health ?? '',
  container: report.container ?? '',
  sinceMs: report.since,
  restarts: report.restarts,
  reason: report.reason ?? '',
  exitCode: report.exitCode,
  output: (report.output ?? []).map((line) => line.slice(0, OUTPUT_LINE_CHARACTERS)),
  hooksDone: [...(report.hooksDone ?? [])],
  address: report.address ?? '',
});

function reportFrom({ instance, isGone, phase, health, container, sinceMs, restarts, reason, exitCode, output, hooksDone, address }: wire.Report): InstanceReport {
  const known = PHASES.find((one) => one === phase);
  if (known === undefined) throw new KontenaError('KON_INVALID', `an agent reports ${short(instance)} to be "${short(phase)}", which is no phase`);
  const report = defined({
    phase: known,
    since: sinceMs as Instant,
    restarts,
    health: HEALTHS.find((one) => one === health),
    container: container === '' ? undefined : short(container),
    reason: reason === '' ? undefined : cut(reason),
    exitCode,
    output: output.length === 0 ? undefined : output.slice(-OUTPUT_LINES).map((line) => line.slice(0, OUTPUT_LINE_CHARACTERS)),
    hooksDone: hooksDone.length === 0 ? undefined : few(hooksDone),
    address: orAbsent(short(address)),
  });
  return { name: instance, isGone, report: report };
}
