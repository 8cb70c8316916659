import { KontenaError, type ServiceSpec } from '../model/index.js';
import type { Proxy, ProxyFault, ProxyStep, ProxyView, Runtime, SeenServer, Served, ServedServer } from '../ports/index.js';

/** What runs in one container. */
interface Running {
  readonly container: string;
  shape: string;
  reloads: number;
  readonly servers: Map<string, Map<string, SeenServer>>;
  certificates: Readonly<Record<string, string>>;
  challenges: Served['challenges'];
}

const UP = { isUp: true, isWithdrawn: false, open: 0 };

/** HAProxy in memory: it runs where a container of a balancer runs, begins with what was kept, and counts how often it is loaded anew. */
export class FakeProxy implements Proxy {
  /** Everything that was said to it, in order. */
  readonly said: string[] = [];
  /** Times that it was asked what it would take. */
  checks = 0;
  /** What it does not take. */
  refuses: (served: Served) => ProxyFault | undefined = () => undefined;
  /** Steps that it cannot do while it runs. */
  refusesStep: (step: ProxyStep) => boolean = () => false;
  /** What it was told to load has no effect. */
  isDeaf = false;
  readonly #containers: () => ReturnType<Runtime['list']>;
  readonly #kept = new Map<string, Served | undefined>();
  readonly #passwords = new Map<string, string>();
  readonly #running = new Map<string, Running>();

  constructor(runtime: Pick<Runtime, 'list'>) {
    this.#containers = () => runtime.list();
  }

  containerOf(_instance: string, spec: ServiceSpec): ServiceSpec {
    return { ...spec, stopSignal: 'SIGUSR1' };
  }

  async prepare(instance: string, password: string): Promise<string> {
    if (!this.#kept.has(instance)) this.#kept.set(instance, undefined);
    const kept = this.#passwords.get(instance) ?? password;
    this.#passwords.set(instance, kept);
    return kept;
  }

  async look(instance: string): Promise<ProxyView | undefined> {
    const running = await this.#find(instance);
    if (running === undefined) return undefined;
    const backends = [...running.servers].map(([service, servers]) => [service, { requests: 0, errors: 0, servers: Object.fromEntries(servers) }] as const);
    return { shape: running.shape, reloads: running.reloads, backends: Object.fromEntries(backends) };
  }

  shapeOf({ challenges: _challenges, certificates, routes, spec: { certificates: _versions, ...spec }, ...rest }: Served): string {
    return JSON.stringify({ ...rest, spec, certificates: certificates.map(({ name }) => name), routes: routes.map(({ servers: _servers, ...route }) => route) });
  }

  async check(_instance: string, served: Served): Promise<ProxyFault | undefined> {
    this.checks += 1;
    return this.refuses(served);
  }

  async keep(instance: string, served: Served): Promise<void> {
    this.#kept.set(instance, served);
  }

  async load(instance: string): Promise<void> {
    const running = await this.#demand(instance);
    this.said.push('load');
    if (!this.isDeaf) this.#read(instance, running, running.reloads + 1);
  }

  async take(instance: string, step: ProxyStep): Promise<void> {
    const running = await this.#demand(instance);
    if (this.refusesStep(step)) throw new KontenaError('KON_BALANCER_REFUSED', `${instance} does not ${step.do}`);
    this.said.push(inWords(step));
    if (step.do === 'certify') running.certificates = { ...running.certificates, [step.certificate.name]: step.certificate.pem };
    else if (step.do === 'answer') running.challenges = step.challenges;
    else change(running.servers, step);
  }

  async forgetOthers(instances: readonly string[]): Promise<void> {
    for (const instance of this.#kept.keys()) if (!instances.includes(instance)) this.#kept.delete(instance);
  }

  /** Instances with something laid down. */
  get prepared(): readonly string[] {
    return [...this.#kept.keys()];
  }

  /** Whom it sends to, by service. */
  async sendsTo(instance: string): Promise<Readonly<Record<string, readonly string[]>>> {
    const running = await this.#find(instance);
    return Object.fromEntries([...(running?.servers ?? [])].map(([service, servers]) => [service, [...servers].filter(([, { isWithdrawn }]) => !isWithdrawn).map(([name]) => name).sort()]));
  }

  /** Where it was last seen to send, as `todo/web.2@57 10.81.1.7:8080`, by service; undefined before it was ever looked at. */
  seenSending(instance: string): Readonly<Record<string, readonly string[]>> | undefined {
    const running = this.#running.get(instance);
    if (running === undefined) return undefined;
    return Object.fromEntries([...running.servers].map(([service, servers]) => [service, [...servers].filter(([, { isWithdrawn }]) => !isWithdrawn).map(([name, { address }]) => `${name} ${address}`).sort()]));
  }

  /** Certificates that it shows, by name. */
  async shows(instance: string): Promise<Readonly<Record<string, string>>> {
    return (await this.#find(instance))?.certificates ?? {};
  }

  /** So many requests are open with an instance, or its own checks find it down. */
  async set(instance: string, service: string, server: string, state: Partial<SeenServer>): Promise<void> {
    const servers = (await this.#find(instance))?.servers.get(service);
    const before = servers?.get(server);
    if (before !== undefined) servers?.set(server, { ...before, ...state });
  }

  async #demand(instance: string): Promise<Running> {
    const running = await this.#find(instance);
    if (running === undefined) throw new KontenaError('KON_BALANCER_UNREACHABLE', `${instance} does not run`);
    return running;
  }

  /** A container that has started since begins with what lies in its folder. */
  async #find(instance: string): Promise<Running | undefined> {
    const container = (await this.#containers()).find((one) => one.instance === instance && one.state === 'running');
    if (container === undefined || !this.#kept.has(instance)) return undefined;
    const life = `${container.id} ${container.startedAtMs ?? 0}`;
    const known = this.#running.get(instance);
    if (known?.container === life) return known;
    const running: Running = { container: life, shape: '', reloads: 0, servers: new Map(), certificates: {}, challenges: {} };
    this.#running.set(instance, running);
    this.#read(instance, running, 0);
    return running;
  }

  #read(instance: string, running: Running, reloads: number): void {
    const kept = this.#kept.get(instance);
    running.reloads = reloads;
    if (kept === undefined) return;
    running.shape = this.shapeOf(kept);
    running.servers.clear();
    for (const { service, servers } of kept.routes) running.servers.set(service, new Map(servers.map((server) => [server.instance, seen(server)])));
    running.certificates = Object.fromEntries(kept.certificates.map(({ name, pem }) => [name, pem]));
    running.challenges = kept.challenges;
  }
}

const seen = ({ address, port }: ServedServer): SeenServer => ({ ...UP, address: `${address}:${port}` });

function change(all: Running['servers'], step: Exclude<ProxyStep, { do: 'certify' | 'answer' }>): void {
  const servers = all.get(step.do === 'add' ? step.route.service : step.service);
  const instance = step.do === 'add' || step.do === 'move' ? step.server.instance : step.instance;
  if (step.do === 'add' || step.do === 'move') servers?.set(instance, seen(step.server));
  else if (step.do === 'remove') servers?.delete(instance);
  else servers?.set(instance, { ...UP, address: servers.get(instance)?.address ?? '', isUp: step.do === 'restore', isWithdrawn: step.do === 'withdraw' });
}

function inWords(step: ProxyStep): string {
  switch (step.do) {
    case 'add':
    case 'move':
      return `${step.do} ${step.server.instance}`;
    case 'certify':
      return `certify ${step.certificate.name}`;
    case 'answer':
      return `answer ${Object.keys(step.challenges).join(' ')}`;
    case 'withdraw':
    case 'restore':
    case 'remove':
      return `${step.do} ${step.instance}`;
  }
}
