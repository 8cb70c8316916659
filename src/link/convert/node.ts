import { type Assignments, ERRORS, type ErrorCode, type FactsBody, type Instant, type InstancePhase, type InstanceReport, KontenaError, type LogLine, type ServiceSpec } from '../../model/index.js';
import type * as wire from '../gen/kontena/v1/node.js';
import type { EngineState, FromMaster, FromNode } from '../session/messages.js';
import { LIST_ENTRIES, LOG_LINE_CHARACTERS, LOG_LINES, NAME_CHARACTERS, OUTPUT_LINE_CHARACTERS, OUTPUT_LINES, REASON_CHARACTERS } from '../limits.js';
import { defined } from './plain.js';

const PHASES = ['pending', 'pulling', 'creating', 'starting', 'running', 'stopping', 'stopped', 'failed'] as const satisfies readonly InstancePhase[];
const HEALTHS = ['starting', 'healthy', 'unhealthy'] as const;

/** What the agent's end puts on the stream. */
export function fromNodeTo(message: FromNode): wire.FromNode {
  switch (message.type) {
    case 'hello':
      return { message: { $case: 'hello', value: { facts: factsTo(message.facts), engine: engineTo(message.engine) } } };
    case 'snapshot':
      return { message: { $case: 'snapshot', value: { reports: message.reports.map(reportTo), isLast: message.isLast } } };
    case 'reports':
      return { message: { $case: 'reports', value: { reports: message.reports.map(reportTo) } } };
    case 'pong':
      return { message: { $case: 'pong', value: message } };
    case 'engine':
      return { message: { $case: 'engine', value: engineTo(message.engine) } };
    case 'facts':
      return { message: { $case: 'facts', value: factsTo(message.facts) } };
    case 'logLines': {
      const lines = message.lines.map(({ stream, at, line }) => ({ isStderr: stream === 'stderr', at, line }));
      return { message: { $case: 'logLines', value: { id: message.id, lines } } };
    }
    case 'logEnd':
      return { message: { $case: 'logEnd', value: logEndTo(message) } };
  }
}

const logEndTo = ({ id, error }: Extract<FromNode, { type: 'logEnd' }>): wire.LogEnd => ({ id, errorCode: error?.code ?? '', errorMessage: error?.message ?? '' });

/** What the master's end takes from it, cut to what agents of ours say; undefined for what a newer agent says. @throws KON_INVALID for what no agent of ours says */
export function fromNodeFrom({ message }: wire.FromNode): FromNode | undefined {
  switch (message?.$case) {
    case 'hello':
      return { type: 'hello', facts: factsFrom(message.value.facts), engine: engineFrom(message.value.engine) };
    case 'snapshot':
      return { type: 'snapshot', reports: message.value.reports.map(reportFrom), isLast: message.value.isLast };
    case 'reports':
      return { type: 'reports', reports: message.value.reports.map(reportFrom) };
    case 'pong':
      return { type: 'pong', sequence: message.value.sequence };
    case 'engine':
      return { type: 'engine', engine: engineFrom(message.value) };
    case 'facts':
      return { type: 'facts', facts: factsFrom(message.value) };
    case 'logLines': {
      const lines = message.value.lines.slice(0, LOG_LINES).map(logLineFrom);
      return { type: 'logLines', id: message.value.id, lines };
    }
    case 'logEnd': {
      const { id, errorCode, errorMessage } = message.value;
      return { type: 'logEnd', id, ...(errorCode === '' ? {} : { error: { code: errorCodeFrom(errorCode), message: cut(errorMessage) } }) };
    }
    case undefined:
      return undefined;
  }
}

const logLineFrom = ({ isStderr, at, line }: wire.NodeLogLine): Omit<LogLine, 'instance'> => ({
  stream: isStderr ? 'stderr' : 'stdout',
  at: at.slice(0, NAME_CHARACTERS),
  line: line.slice(0, LOG_LINE_CHARACTERS),
});

const cut = (reason: string): string => reason.slice(0, REASON_CHARACTERS);

const cutAll = (names: readonly string[]): readonly string[] => names.slice(0, LIST_ENTRIES).map((name) => name.slice(0, NAME_CHARACTERS));

/** What the master's end puts on the stream. */
export function fromMasterTo(message: FromMaster): wire.FromMaster {
  switch (message.type) {
    case 'assignments':
      return { message: { $case: 'assignments', value: assignmentsTo(message.assignments) } };
    case 'ping':
      return { message: { $case: 'ping', value: message } };
    case 'logOpen': {
      const { id, instance, query, credit } = message;
      return { message: { $case: 'logOpen', value: { id, instance, tail: query.tail, follow: query.follow, since: query.since ?? '', credit } } };
    }
    case 'logMore':
      return { message: { $case: 'logMore', value: message } };
    case 'renewNow':
      return { message: { $case: 'renewNow', value: {} } };
    case 'logClose':
      return { message: { $case: 'logClose', value: message } };
  }
}

/** What the agent's end takes from it; undefined for what a newer master says. */
export function fromMasterFrom({ message }: wire.FromMaster): FromMaster | undefined {
  switch (message?.$case) {
    case 'assignments':
      return { type: 'assignments', assignments: assignmentsFrom(message.value) };
    case 'ping':
      return { type: 'ping', sequence: message.value.sequence };
    case 'logOpen': {
      const { id, instance, tail, follow, since, credit } = message.value;
      const query = { follow, ...(tail === undefined ? {} : { tail }), ...(since === '' ? {} : { since }) };
      return { type: 'logOpen', id, instance, query, credit };
    }
    case 'logMore':
      return { type: 'logMore', id: message.value.id, credit: message.value.credit };
    case 'logClose':
      return { type: 'logClose', id: message.value.id };
    case 'renewNow':
      return { type: 'renewNow' };
    case undefined:
      return undefined;
  }
}

/** Records are frozen and shared: a service is written out once, however many nodes run it. */
const encoded = new WeakMap<ServiceSpec, Buffer>();

function specTo(spec: ServiceSpec): Buffer {
  let bytes = encoded.get(spec);
  if (bytes === undefined) encoded.set(spec, (bytes = Buffer.from(JSON.stringify(spec))));
  return bytes;
}

const assignmentsTo = ({ services, instances, secrets, ...rest }: Assignments): wire.Assignments => ({
  ...rest,
  secrets: { ...secrets },
  services: Object.entries(services).map(([name, spec]) => ({ name, specJson: specTo(spec) })),
  instances: instances.map(({ name, service, wanted, hooksDone = [] }) => ({ name, service, isWanted: wanted === 'running', hooksDone: [...hooksDone] })),
});

const assignmentsFrom = ({ services, instances, ...rest }: wire.Assignments): Assignments => ({
  ...rest,
  services: Object.fromEntries(services.map(({ name, specJson }) => [name, JSON.parse(specJson.toString()) as ServiceSpec])),
  instances: instances.map(({ name, service, isWanted, hooksDone }) => ({ name, service, wanted: isWanted ? 'running' : 'stopped', ...(hooksDone.length === 0 ? {} : { hooksDone }) })),
});

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
  const short = (name: string): string => name.slice(0, NAME_CHARACTERS);
  return {
    agentVersion: short(facts.agentVersion),
    engineVersion: short(facts.engineVersion),
    engineApiVersion: short(facts.engineApiVersion),
    operatingSystem: short(facts.operatingSystem),
    kernel: short(facts.kernel),
    architecture: short(facts.architecture),
    cpus: facts.cpus,
    memoryBytes: facts.memoryBytes,
    volumeDrivers: cutAll(facts.volumeDrivers),
    networkDrivers: cutAll(facts.networkDrivers),
    addresses: cutAll(facts.addresses),
  };
}

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
});

function reportFrom({ instance, isGone, phase, health, container, sinceMs, restarts, reason, exitCode, output, hooksDone }: wire.Report): InstanceReport {
  const known = PHASES.find((one) => one === phase);
  if (known === undefined) throw new KontenaError('KON_INVALID', `an agent reports ${instance.slice(0, NAME_CHARACTERS)} to be "${phase.slice(0, NAME_CHARACTERS)}", which is no phase`);
  const report = defined({
    phase: known,
    since: sinceMs as Instant,
    restarts,
    health: HEALTHS.find((one) => one === health),
    container: container === '' ? undefined : container.slice(0, NAME_CHARACTERS),
    reason: reason === '' ? undefined : cut(reason),
    exitCode,
    output: output.length === 0 ? undefined : output.slice(-OUTPUT_LINES).map((line) => line.slice(0, OUTPUT_LINE_CHARACTERS)),
    hooksDone: hooksDone.length === 0 ? undefined : cutAll(hooksDone),
  });
  return { name: instance, isGone, report: report };
}

const errorCodeFrom = (code: string): ErrorCode => (Object.hasOwn(ERRORS, code) ? (code as ErrorCode) : 'KON_INTERNAL');
