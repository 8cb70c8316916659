import type { ContainerInspectInfo } from 'dockerode';
import type { Container } from '../ports/index.js';
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
  };
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
