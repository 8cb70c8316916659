import type { Authority, RouteSpec } from './balancing.js';
import type { Millis } from './time.js';

/** Name: `infra/lb:todo/web`. That a balancer serves a service, and how; by which instances, follows from where they are reached. */
export interface RouteBody {
  /** `infra/lb`. */
  readonly balancer: string;
  /** `todo/web`. */
  readonly service: string;
  /** As it is served: without the hosts that another service has. */
  readonly spec: RouteSpec;
  readonly isServed: boolean;
  /** Hosts that a certificate is to be had for, now and before each end, and from whom. */
  readonly asks?: Authority & { readonly hosts: readonly string[] };
  /** Why it is not served, or not for all its hosts, in one sentence. */
  readonly reason?: string;
}

/** Name: the instance of a balancer, `infra/lb.1@57`. What its node last said of what it serves. */
export interface BalancingBody {
  readonly node: string;
  /** By name of the route: `infra/lb:todo/web`. */
  readonly routes: Readonly<Record<string, RouteStatus>>;
  /** Times it was started anew for a change, */
  readonly reloads: number;
  /** and what is wrong with it as a whole, in one sentence. */
  readonly reason?: string;
}

/** How a route fares on one balancer. */
export interface RouteStatus {
  /** Why it is not served, or not as declared: HAProxy's own words. */
  readonly refused?: string;
  /** By name of instance: whether requests are sent to it, and if not why. */
  readonly servers: Readonly<Record<string, ServerStatus>>;
  /** Of late, */
  readonly requestsPerSecond: number;
  /** and those answered with 5xx, or by nobody. */
  readonly errorsPerSecond: number;
  /** How long its last change took, from the master's hearing of it until it was served here. */
  readonly tookMs?: Millis;
}

export interface ServerStatus {
  readonly isUp: boolean;
  /** Nothing is sent to it, and nothing is open with it any more. */
  readonly isDrained: boolean;
  readonly reason?: string;
}
