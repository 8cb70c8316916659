/** A text that stands here as it is, or lies in the vault. */
export type Told = { readonly text: string } | VaultRef;

export interface VaultRef {
  readonly kind: 'Secret' | 'Certificate';
  readonly name: string;
  /** Which version: never declared, filled in by the stack controller. */
  readonly version?: number;
}

export const isInVault = (told: Told): told is VaultRef => 'kind' in told;

/** How a service is served by the balancers that it links to. What is absent is off, or as its comment says. Times in seconds. */
export interface RouteSpec {
  readonly mode: 'http' | 'tcp';
  /** Inside the container. */
  readonly port: number;
  /** Of mode tcp: where the balancer listens. */
  readonly externalPort?: number;
  /** In lower case; `*.example.com` is every name below it. None: whatever the request asks for. Of mode tcp: by SNI. */
  readonly hosts: readonly string[];
  /** What the path of a request begins with: `/` or `/api`. Empty for hosts alone, or for mode tcp. */
  readonly paths: readonly string[];
  /** Instances get the path as it was asked for; otherwise without the part that it was chosen by. */
  readonly keepsPath: boolean;
  /** Of the services with the same hosts and paths, its share of requests: 0 to 256. Absent: it claims them alone. */
  readonly weight?: number;
  /** As HAProxy calls it: `roundrobin`, `leastconn`, `source`, `hdr(X-User)`, … */
  readonly balance: string;
  readonly cookie?: CookieSpec;
  /** Lines of HAProxy's userlist: `user ada password …`. */
  readonly basicAuth?: Told;
  /** How instances are asked whether they are well; without a uri, whether the port opens. */
  readonly check: CheckSpec;
  /** Of mode http: what the balancer speaks to the instances; `h2` is HTTP/2 without TLS, as gRPC wants it. */
  readonly protocol: 'http/1.1' | 'h2';
  /** Tells instances the client's address by the PROXY protocol. */
  readonly sendsProxy?: 'v1' | 'v2';
  /**
   * Of mode http, `auto`: an authority is asked for a certificate for each host. Of mode tcp: the balancer ends TLS with its own
   * certificates, or hands it on unopened; several routes may share a port by SNI.
   */
  readonly tls?: 'auto' | 'terminate' | 'passthrough';
  /** Of `tls: auto`, those that are there: never declared, filled in by the load-balancer controller. */
  readonly certificates?: readonly VaultRef[];
  /** Requests without TLS are sent to https. */
  readonly redirectsToHttps: boolean;
  readonly hsts?: { readonly maxAgeSeconds: number; readonly includesSubdomains: boolean; readonly preload: boolean };
  readonly timeouts: RouteTimeouts;
  /** Of each client, by address; beyond them it is answered 429, or not let in. */
  readonly limits?: { readonly requestsPerSecond?: number; readonly connections?: number };
  /** Nobody is sent to the instances: everyone gets this page with status 503, HTML. */
  readonly maintenance?: { readonly page: string };
  /** HTML by status: 400, 403, 408, 429, 500, 502, 503, 504. */
  readonly errorPages: Readonly<Record<string, string>>;
  /** Types of content that are compressed. */
  readonly compression?: readonly string[];
  /** What opens when an instance is to stop ends within this; then it stops all the same. Default 10. */
  readonly drainSeconds: number;
  /** Lines for HAProxy, as they are. */
  readonly customSettings: readonly string[];
}

export interface CookieSpec {
  readonly name: string;
  /** Of HAProxy: the balancer's own cookie, or one of the application that it puts its mark before or in place of. */
  readonly mode: 'insert' | 'prefix' | 'rewrite';
  /** `indirect`, `nocache`, `httponly`, `secure`, `maxidle 10m`, … */
  readonly options: readonly string[];
}

export interface CheckSpec {
  readonly uri?: string;
  /** When it is not the route's own. */
  readonly port?: number;
  /** Default 2. */
  readonly intervalSeconds?: number;
}

export interface RouteTimeouts {
  /** Until an instance accepts. Default 5. */
  readonly connect?: number;
  /** Until an instance says something. Default 60. */
  readonly server?: number;
  /** Until a client does. Default 60. Of mode tcp alone: where http is served, a client is not of one route. */
  readonly client?: number;
  /** For a free place on an instance. Default 60. */
  readonly queue?: number;
  /** Of a WebSocket, or what else became a tunnel, in which nobody says anything. Default 3600. */
  readonly tunnel?: number;
}

/** What a balancer is, whatever it serves. Changes of it change no container. Times in seconds. */
export interface BalancerSpec {
  /** Inside its container. Default 80, 443. */
  readonly httpPort: number;
  readonly httpsPort: number;
  /** In order; the first is shown to who names no host, or none of theirs. Each text has certificate, chain and key, be it of several. */
  readonly certificates: readonly Told[];
  /** Whom to ask for the certificates of routes with `tls: auto`. Default: Let's Encrypt. */
  readonly authority?: Authority;
  /** Answered with 200 on `httpPort`, whoever asks. */
  readonly healthUri?: string;
  readonly stats: StatsSpec;
  /** Who connects tells the client's address by the PROXY protocol. */
  readonly acceptsProxy: boolean;
  /** Offered to clients that speak TLS. */
  readonly http2: boolean;
  /** For TLS 1.2, as OpenSSL calls them; absent: those that are held good today. */
  readonly ciphers?: string;
  readonly logFormat: 'http' | 'json';
  /** As of HAProxy's `log`: `10.0.0.1:514 local1 info`; absent: what the container writes, see `logs`. */
  readonly syslogTarget?: string;
  /** Of all routes that do not say otherwise. */
  readonly timeouts: BalancerTimeouts;
  /** For what no route claims, or whose route has none of its own. */
  readonly errorPages: Readonly<Record<string, string>>;
  /** After a reload, what is open with the former process ends within this. Default 10. */
  readonly drainSeconds: number;
  /** Lines of `defaults` and `global`, as they are. */
  readonly customSettings: readonly string[];
  readonly globalSettings: readonly string[];
}

export interface Authority {
  /** The address of its directory. */
  readonly directory: string;
  /** Where it may write to. */
  readonly email?: string;
}

export interface BalancerTimeouts extends RouteTimeouts {
  /** For the head of a request. Default 5. */
  readonly request?: number;
  /** Between two requests of a connection. Default 10. */
  readonly keepAlive?: number;
}

export interface StatsSpec {
  readonly port: number;
  readonly user: string;
  /** Absent: the balancer draws one by lot, keeps it, and writes it into its log once. */
  readonly password?: Told;
}

/** What a route and a balancer are when nothing is said. */
export const DEFAULT_ROUTE: RouteSpec = {
  mode: 'http', port: 80, hosts: [], paths: ['/'], keepsPath: false, balance: 'roundrobin', check: {}, protocol: 'http/1.1', redirectsToHttps: false, timeouts: {}, errorPages: {}, drainSeconds: 10, customSettings: [],
};

/** How a service is served that says nothing of it: its balancers ask over http what its nodes ask. */
export function defaultRoute({ healthCheck: check }: { readonly healthCheck?: { readonly protocol: string; readonly uri?: string; readonly port?: number } }): RouteSpec {
  if (check?.port === undefined || check.protocol === 'command') return DEFAULT_ROUTE;
  return { ...DEFAULT_ROUTE, check: { ...(check.protocol === 'http' ? { uri: check.uri ?? '/' } : {}), ...(check.port === DEFAULT_ROUTE.port ? {} : { port: check.port }) } };
}

export const DEFAULT_BALANCER: BalancerSpec = {
  httpPort: 80, httpsPort: 443, certificates: [], stats: { port: 1000, user: 'stats' }, acceptsProxy: false, http2: true, logFormat: 'http', timeouts: {}, errorPages: {}, drainSeconds: 10, customSettings: [], globalSettings: [],
};

/** Of mode tcp, where a balancer listens unless said otherwise. */
export const DEFAULT_EXTERNAL_PORT = 5000;

/** `infra/lb:todo/web`: that balancer serves this service. */
export const routeName = (balancer: string, service: string): string => `${balancer}:${service}`;

/** Of today's LTS; what balancers run where nobody says otherwise. */
export const DEFAULT_BALANCER_IMAGE = 'haproxy:3.4';

/** Whether an image is called as the original's balancer, wherever it comes from: the name stands for one, and is no image of ours. */
export const isBalancerName = (image: string): boolean => /(^|\/)kontena\/lb([:@]|$)/.test(image);
