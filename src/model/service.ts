import type { BalancerSpec, RouteSpec } from './balancing.js';

/** A service as declared, after variables, templates and defaults: what the master stores and the agent runs. Absent means the engine's own default. */
export interface ServiceSpec {
  /** With a tag or a digest, e.g. `redis:7`. */
  readonly image: string;
  /** Number of instances; of the strategy `daemon`, per node. */
  readonly instances: number;
  /** Keeps its data: an instance is never started elsewhere while its node is only silent. */
  readonly stateful: boolean;
  readonly command?: readonly string[];
  readonly entrypoint?: readonly string[];
  /** `NAME=value`, in order. */
  readonly env: readonly string[];
  readonly user?: string;
  readonly workingDir?: string;
  readonly hostname?: string;
  /** Runs a small init as process 1. */
  readonly init?: boolean;
  readonly labels: Readonly<Record<string, string>>;

  readonly ports: readonly PortSpec[];
  readonly links: readonly LinkSpec[];
  readonly network: 'bridge' | 'host' | `container:${string}`;
  readonly extraHosts: readonly string[];
  readonly dns: readonly string[];

  readonly volumes: readonly VolumeMount[];
  /** Services whose volumes are mounted too; `%s` is the number of the instance. */
  readonly volumesFrom: readonly string[];
  readonly tmpfs: readonly string[];

  readonly affinity: readonly string[];
  readonly deploy: DeploySpec;
  readonly healthCheck?: HealthCheckSpec;
  readonly hooks: { readonly preStart: readonly HookSpec[]; readonly postStart: readonly HookSpec[]; readonly preStop: readonly HookSpec[] };

  readonly secrets: readonly SecretRef[];
  readonly certificates: readonly CertificateRef[];

  /** How the balancers that it links to serve it. Absent: as `DEFAULT_ROUTE` says. */
  readonly route?: RouteSpec;
  /** It is a balancer. */
  readonly balancer?: BalancerSpec;

  readonly privileged: boolean;
  readonly readOnly: boolean;
  readonly pid?: 'host';
  readonly capAdd: readonly string[];
  readonly capDrop: readonly string[];
  readonly securityOpt: readonly string[];
  readonly groupAdd: readonly string[];
  /** `host[:container[:rwm]]`. */
  readonly devices: readonly string[];
  readonly sysctls: Readonly<Record<string, string>>;
  readonly ulimits: readonly { readonly name: string; readonly soft: number; readonly hard: number }[];

  readonly memoryBytes?: number;
  /** Memory and swap together; -1 is unlimited. */
  readonly memorySwapBytes?: number;
  readonly memoryReservationBytes?: number;
  readonly shmSizeBytes?: number;
  /** Cores, e.g. 0.5. */
  readonly cpus?: number;
  /** Cores an instance is sure to have: a node without that room is not chosen. */
  readonly cpusReserved?: number;
  /** Relative weight, 2 to 1024. */
  readonly cpuShares?: number;
  readonly runtime?: string;
  /** Number of GPUs, or `all`. */
  readonly gpus?: number | 'all';

  readonly logging?: { readonly driver: string; readonly options: Readonly<Record<string, string>> };
  readonly stopSignal?: string;
  /** Seconds between the stop signal and the kill. Default 10. */
  readonly stopGraceSeconds: number;
}

export interface PortSpec {
  /** Address on the node; `0.0.0.0` is all of them. */
  readonly ip: string;
  readonly nodePort: number;
  readonly containerPort: number;
  readonly protocol: 'tcp' | 'udp';
}

/** Another service by its full name, and the name it has inside the container. */
export interface LinkSpec {
  /** `stack/service`. */
  readonly service: string;
  readonly alias: string;
}

export interface VolumeMount {
  readonly type: 'anonymous' | 'bind' | 'volume';
  /** A path on the node (bind) or the name of a volume (volume). */
  readonly source?: string;
  /** Path inside the container. */
  readonly path: string;
  /** e.g. `ro`. */
  readonly flags: readonly string[];
}

export type Strategy = 'ha' | 'daemon' | 'random';

export interface DeploySpec {
  readonly strategy: Strategy;
  /** Share of the instances that stay available while others are replaced, 0 to 1. Default 0.8. */
  readonly minHealth: number;
  /** An instance counts as started once this TCP port answers, */
  readonly waitForPort?: number;
  /** and as failed when that takes longer than so many seconds. Default 60. */
  readonly waitForPortSeconds?: number;
  /** Replace the instances by their like this often, in seconds; never those of a stateful service. */
  readonly intervalSeconds?: number;
  /** How long a silent node keeps its instances, in seconds; the strategy's own when absent. */
  readonly graceSeconds?: number;
  readonly order: 'stop-first' | 'start-first';
  readonly onFailure: 'pause' | 'revert' | 'continue';
  /** How long an instance that replaced another must stay up before the next one moves, in seconds. Default 5. */
  readonly settleSeconds: number;
}

/** How it is found out whether an instance is healthy. Absent, what its image declares counts, if that declares anything. */
export type HealthCheckSpec = AskedHealthCheck | EngineHealthCheck;

/** Asked by the agent. Times in seconds. */
export interface AskedHealthCheck {
  readonly protocol: 'http' | 'tcp' | 'command';
  readonly port?: number;
  readonly uri?: string;
  readonly command?: readonly string[];
  /** Default 10. */
  readonly timeoutSeconds: number;
  /** Default 60. */
  readonly intervalSeconds: number;
  /** Default 10. */
  readonly initialDelaySeconds: number;
  /** Bad checks in a row that make it unhealthy. Default 3. */
  readonly retries: number;
  /** Good checks in a row that make it healthy. Default 1. */
  readonly successes?: number;
  /** False: one that is unhealthy is left running, and nobody is sent to it. Default true. */
  readonly restart?: boolean;
}

/** `engine`: as the image says, by its HEALTHCHECK, if it has one; `none`: not even so. */
export interface EngineHealthCheck {
  readonly protocol: 'engine' | 'none';
  /** As in {@link AskedHealthCheck}. */
  readonly restart?: boolean;
}

/** Whether the check that its image declares, if any, is to count. */
export const takesImageCheck = ({ healthCheck }: Pick<ServiceSpec, 'healthCheck'>): boolean => healthCheck === undefined || healthCheck.protocol === 'engine';

/** The health check that the agent makes itself; undefined where it is the engine's matter, or nobody's. */
export const askedHealthCheck = ({ healthCheck }: Pick<ServiceSpec, 'healthCheck'>): AskedHealthCheck | undefined =>
  healthCheck !== undefined && 'timeoutSeconds' in healthCheck ? healthCheck : undefined;

export interface HookSpec {
  readonly name: string;
  /** A line for a shell, or words that are run as they are. */
  readonly command: string | readonly string[];
  /** Numbers of instances, or `*`. */
  readonly instances: '*' | readonly number[];
  readonly oneshot: boolean;
  /** How long it may take. Default {@link HOOK_SECONDS}. */
  readonly timeoutSeconds?: number;
}

/** How long a hook may take unless it says. */
export const HOOK_SECONDS = 600;

export interface SecretRef {
  readonly secret: string;
  readonly name: string;
  readonly type: 'env' | 'file';
  /** Which version this revision of the service opens: never declared, filled in by the stack controller. */
  readonly version?: number;
}

export interface CertificateRef {
  readonly subject: string;
  readonly name: string;
  readonly type: 'env';
  /** As in {@link SecretRef}. */
  readonly version?: number;
}

/** A stack as rendered by the reader of stack files and sent to the master: no variable, no template, no value of a secret. */
export interface StackSpec {
  readonly name: string;
  /** What the file calls itself, e.g. `acme/todo`. */
  readonly stack?: string;
  readonly version?: string;
  readonly services: Readonly<Record<string, ServiceSpec>>;
  readonly volumes: Readonly<Record<string, { readonly external?: string }>>;
  /** Name of the service that other stacks reach by the stack's name. */
  readonly expose?: string;
  /** Names of the stacks of the grid that may reach its services, besides itself; absent: all that share a network with it. */
  readonly allow?: readonly string[];
  /** Names of networks: stacks that share one reach each other. Absent: that of the grid, `default`. */
  readonly networks?: readonly string[];
  readonly labels: readonly string[];
  readonly metadata: Readonly<Record<string, unknown>>;
  /** Values of the variables, without those from or to the vault. */
  readonly variables: Readonly<Record<string, unknown>>;
  /** Of the variables whose values the file does not say: `given` by a person, or the way of `from` that asked one or drew lots. */
  readonly variableOrigins?: Readonly<Record<string, string>>;
  /** Installed as a dependency of this stack. */
  readonly parent?: string;
  /** The file as the user wrote it. */
  readonly source?: string;
}

/** What may change without touching the containers. */
type InPlace = 'instances' | 'affinity' | 'deploy' | 'route' | 'balancer';

/** The part of a service that its containers are made from: a change of it replaces them, a change of the rest does not. */
export function containerPart(spec: ServiceSpec): Omit<ServiceSpec, InPlace> {
  const { instances: _instances, affinity: _affinity, deploy: _deploy, route: _route, balancer: _balancer, ...rest } = spec;
  return rest;
}

/** A revision of before with all that changes in place as it is declared now. Its containers listen where they did. */
export function inPlace(before: ServiceSpec, { instances, affinity, deploy, route, balancer }: ServiceSpec): ServiceSpec {
  return {
    ...containerPart(before),
    instances,
    affinity,
    deploy,
    ...(route === undefined ? {} : { route: { ...route, port: before.route?.port ?? route.port } }),
    ...(balancer === undefined ? {} : { balancer }),
  };
}
