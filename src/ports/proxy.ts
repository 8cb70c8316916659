import type { BalancerSpec, RouteSpec, ServiceSpec } from '../model/index.js';

/**
 * The program behind the balancers of a node: one runs in the container of each instance, with a folder of the node for what it
 * serves. Knows what to say to it, and what it said; decides nothing.
 */
export interface Proxy {
  /** What the container of an instance is made from: as its service is declared, but for the program and its folder. */
  containerOf(instance: string, spec: ServiceSpec): ServiceSpec;
  /**
   * Lays down what it starts with, and serves nothing with; what was kept for it stays.
   *
   * @param password of its statistics, when it has none yet
   * @returns the one it has
   */
  prepare(instance: string, password: string): Promise<string>;
  /** How it is at the moment; undefined while it does not answer. */
  look(instance: string): Promise<ProxyView | undefined>;
  /** Tells what can be changed while it runs from what it must be loaded anew for: equal shapes differ in the first alone. */
  shapeOf(served: Served): string;
  /** What the program would not take of this, one thing at a time; undefined when it takes all. @throws KON_CONTAINER_MISSING, KON_ENGINE_REFUSED */
  check(instance: string, served: Served): Promise<ProxyFault | undefined>;
  /** Lays down what is served: a start and a load find it. */
  keep(instance: string, served: Served): Promise<void>;
  /** Loads what was kept, while what is open goes on. @throws KON_BALANCER_UNREACHABLE */
  load(instance: string): Promise<void>;
  /** Changes one thing while it runs. @throws KON_BALANCER_UNREACHABLE, KON_BALANCER_REFUSED */
  take(instance: string, step: ProxyStep): Promise<void>;
  /** Forgets what was kept for all instances but these. */
  forgetOthers(instances: readonly string[]): Promise<void>;
}

/** All that one balancer is to serve, with the values of what it opens. */
export interface Served {
  /** `infra/lb`. */
  readonly balancer: string;
  readonly spec: BalancerSpec;
  readonly statsPassword: string;
  readonly certificates: readonly ServedCertificate[];
  /** In the order of names. */
  readonly routes: readonly ServedRoute[];
  /** By token. */
  readonly challenges: Readonly<Record<string, string>>;
}

export interface ServedCertificate {
  /** The same for each version of it. */
  readonly name: string;
  /** Certificate, chain and key, be it of several. */
  readonly pem: string;
}

export interface ServedRoute {
  /** `infra/lb:todo/web`. */
  readonly name: string;
  /** `todo/web`. */
  readonly service: string;
  readonly spec: RouteSpec;
  /** Lines of a userlist; undefined where nobody is asked who they are. */
  readonly users?: string;
  readonly servers: readonly ServedServer[];
}

export interface ServedServer {
  /** `todo/web.2@57`. */
  readonly instance: string;
  readonly address: string;
  readonly port: number;
}

/** What the program does not take, in its own words. */
export interface ProxyFault {
  readonly words: string;
  /** Whose it is; undefined when that cannot be told. `settings`: those of the balancer itself. */
  readonly of?: { readonly kind: 'route' | 'certificate'; readonly name: string } | { readonly kind: 'settings' };
}

export interface ProxyView {
  /** Of what it has loaded. */
  readonly shape: string;
  /** Times it has loaded something since it started. */
  readonly reloads: number;
  /** By service. */
  readonly backends: Readonly<Record<string, SeenBackend>>;
}

export interface SeenBackend {
  /** Requests, or connections of mode tcp, since it was loaded; and those that failed. */
  readonly requests: number;
  readonly errors: number;
  /** By instance. */
  readonly servers: Readonly<Record<string, SeenServer>>;
}

export interface SeenServer {
  /** `10.81.3.7:8080`. */
  readonly address: string;
  /** Requests go to it. */
  readonly isUp: boolean;
  /** It was taken out, and what is open with it ends. */
  readonly isWithdrawn: boolean;
  /** What was wrong when it was last asked. */
  readonly reason?: string;
  /** Requests and connections that are open with it. */
  readonly open: number;
}

/** What can be changed while it runs. */
export type ProxyStep =
  | { readonly do: 'add'; readonly route: ServedRoute; readonly server: ServedServer }
  | { readonly do: 'move'; readonly service: string; readonly server: ServedServer }
  /** Nothing more is sent to it; what is open goes on. */
  | { readonly do: 'withdraw'; readonly service: string; readonly instance: string }
  | { readonly do: 'restore'; readonly service: string; readonly instance: string }
  | { readonly do: 'remove'; readonly service: string; readonly instance: string }
  | { readonly do: 'certify'; readonly certificate: ServedCertificate }
  | { readonly do: 'answer'; readonly challenges: Readonly<Record<string, string>> };
