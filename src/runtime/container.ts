import type { ContainerInspectInfo } from 'dockerode';
import type { Container, EngineHealth } from '../ports/index.js';
import { ADDRESS_LABEL, INSTANCE_LABEL, SERVICE_LABEL } from './labels.js';

/** A container as the engine describes it, in our words. */
export function toContainer({ Id, State, Config, NetworkSettings }: ContainerInspectInfo): Container {
  const networks: Readonly<Record<string, { readonly IPAddress?: string }>> = NetworkSettings.Networks;
  const gridAddress = Config.Labels[ADDRESS_LABEL];
  return {
    instance: Config.Labels[INSTANCE_LABEL] ?? '',
    service: Config.Labels[SERVICE_LABEL] ?? '',
    id: Id,
    state: toState(State.Status),
    exitCode: State.ExitCode,
    wasOutOfMemory: State.OOMKilled,
    error: State.Error,
    startedAtMs: toMillis(State.StartedAt),
    finishedAtMs: toMillis(State.FinishedAt),
    address: Object.values(networks).map(({ IPAddress }) => IPAddress).find((address) => address !== undefined && address !== ''),
    ...(gridAddress === undefined ? {} : { gridAddress }),
    ...(State.Health === undefined ? {} : toHealth(State.Health)),
  };
}

/** Letters of a result that are told: what fits into a line. */
const SAID_CHARACTERS = 200;

/** Of a container without a check, the engine says `none`, or nothing. */
function toHealth({ Status, Log }: NonNullable<ContainerInspectInfo['State']['Health']>): { readonly health?: EngineHealth } {
  if (Status !== 'starting' && Status !== 'healthy' && Status !== 'unhealthy') return {};
  const answers = Log.map(({ Start, End, ExitCode, Output }) => ({
    isGood: ExitCode === 0,
    said: [`the check of the image ended with exit code ${ExitCode}`, ...Output.trim().split('\n').slice(-1)].filter((part) => part !== '').join(': ').slice(0, SAID_CHARACTERS),
    atMs: Date.parse(End),
    tookMs: Date.parse(End) - Date.parse(Start),
  }));
  return { health: { state: Status, answers } };
}

/** A paused container has its process and its ports still: it runs. */
function toState(status: string): Container['state'] {
  switch (status) {
    case 'created':
    case 'exited':
    case 'removing':
    case 'dead':
      return status;
    default:
      return 'running';
  }
}

/** The engine writes the year 1 for "never". */
function toMillis(time: string): number | undefined {
  const millis = Date.parse(time);
  return millis > 0 ? millis : undefined;
}
