import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, request, type IncomingHttpHeaders, type Server } from 'node:http';
import { type AddressInfo, connect as connectPlain, createServer as createTcpServer, type Server as TcpServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { haproxy } from '../haproxy/index.js';
import { DEFAULT_BALANCER, DEFAULT_ROUTE, type BalancerSpec, type RouteSpec } from '../model/index.js';
import type { CommandResult, Proxy, ProxyView, Served, ServedRoute, ServedServer } from '../ports/index.js';
import { minimalService } from './runtime-contract.js';

/** What a client got. */
export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** What a request was when it came to an instance. */
export interface Arrived {
  readonly by: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
}

export const INSTANCE = 'infra/lb.1@5';

/** The real HAProxy on ports of this machine, as it runs in a container, and instances behind it. */
export class HaproxyBed {
  readonly proxy: Proxy;
  readonly #directory = mkdtempSync(join(tmpdir(), 'hap-'));
  readonly #servers: (Server | TcpServer)[] = [];
  readonly #ports = new Map<string, number>();
  #process: ChildProcess | undefined;
  #log = '';
  httpPort = 0;
  httpsPort = 0;
  statsPort = 0;
  tcpPort = 0;

  constructor() {
    this.proxy = haproxy({ directory: join(this.#directory, 'b'), runtime: { exec: (_instance, command) => this.#run(command) } });
  }

  static async open(): Promise<HaproxyBed> {
    const bed = new HaproxyBed();
    const ports = await freePorts(4);
    [bed.httpPort = 0, bed.httpsPort = 0, bed.statsPort = 0, bed.tcpPort = 0] = ports;
    return bed;
  }

  /** An instance that says who it is and what it was asked. */
  async instance(name: string): Promise<ServedServer> {
    return this.listen(name, createServer((asked, answer) => answer.setHeader('content-type', 'application/json').end(JSON.stringify({ by: name, path: asked.url, headers: asked.headers }))));
  }

  /** An instance of a protocol of its own: says its name and hangs up. */
  async tcpInstance(name: string): Promise<ServedServer> {
    return this.listen(name, createTcpServer((socket) => {
      socket.on('error', () => undefined);
      socket.end(name);
    }));
  }

  /** Any other: what listens for it is closed with the bed. */
  async listen(instance: string, server: Server | TcpServer): Promise<ServedServer> {
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    this.#servers.push(server);
    const { port } = server.address() as AddressInfo;
    this.#ports.set(instance, port);
    return { instance, address: '127.0.0.1', port };
  }

  served(routes: readonly ServedRoute[], over: Partial<Omit<Served, 'spec'>> & { readonly spec?: Partial<BalancerSpec> } = {}): Served {
    const { spec, ...rest } = over;
    const ports = { httpPort: this.httpPort, httpsPort: this.httpsPort, stats: { port: this.statsPort, user: 'stats' } };
    return { balancer: 'infra/lb', spec: { ...DEFAULT_BALANCER, ...ports, ...spec }, statsPassword: 'secret', certificates: [], challenges: {}, routes, ...rest };
  }

  /** Starts with nothing, as a container does, then loads this. */
  async serve(served: Served): Promise<ProxyView> {
    const { proxy } = this;
    if (this.#process === undefined) {
      await proxy.prepare(INSTANCE, 'drawn');
      this.#start();
      await this.until('it answers', async () => (await proxy.look(INSTANCE)) !== undefined);
    }
    const fault = await proxy.check(INSTANCE, served);
    if (fault !== undefined) throw new Error(`${fault.words}\n${readFileSync(join(this.#folder, 'candidate.cfg'), 'utf8')}`);
    await proxy.keep(INSTANCE, served);
    await proxy.load(INSTANCE);
    return this.viewWith((view) => view.shape === proxy.shapeOf(served));
  }

  viewWith(isSo: (view: ProxyView) => boolean): Promise<ProxyView> {
    return this.until('it is as expected', async () => {
      const view = await this.proxy.look(INSTANCE);
      return view !== undefined && isSo(view) ? view : false;
    });
  }

  async until<T>(what: string, ask: () => Promise<T | false>): Promise<T> {
    for (let tries = 0; tries < 1_000; tries += 1) {
      const found = await ask();
      if (found !== false) return found;
      await new Promise((resolve) => setTimeout(resolve, 25));
    }
    throw new Error(`never: ${what}\n${this.#log}`);
  }

  get(host: string, path = '/', headers: Readonly<Record<string, string>> = {}): Promise<Answer> {
    return ask({ port: this.httpPort, path, headers: { host, ...headers } });
  }

  /** What came to an instance; the status where nothing did. */
  async arrived(host: string, path = '/', headers: Readonly<Record<string, string>> = {}): Promise<Arrived | number> {
    const { status, body } = await this.get(host, path, headers);
    return status === 200 && body.startsWith('{') ? (JSON.parse(body) as Arrived) : status;
  }

  stats(password: string): Promise<Answer> {
    return ask({ port: this.statsPort, path: '/', headers: { authorization: `Basic ${Buffer.from(`stats:${password}`).toString('base64')}` } });
  }

  /** To whom the certificate is made out that is shown to who asks for a host; and what is spoken then. */
  async shown(port: number, servername: string): Promise<{ readonly subject: string; readonly alpn: string | false }> {
    const socket = connect({ port, host: '127.0.0.1', servername, rejectUnauthorized: false, ALPNProtocols: ['h2', 'http/1.1'] });
    await once(socket, 'secureConnect');
    const said = { subject: String(socket.getPeerCertificate().subject.CN), alpn: socket.alpnProtocol ?? false };
    socket.destroy();
    return said;
  }

  /** What a port says by itself, in TLS where a host is named. */
  async hear(port: number, servername?: string): Promise<string> {
    const socket = servername === undefined ? connectPlain(port, '127.0.0.1') : connect({ port, host: '127.0.0.1', servername, rejectUnauthorized: false });
    let heard = '';
    for await (const piece of socket) heard += String(piece);
    return heard;
  }

  /** What a port answers to something; nothing when it hangs up. */
  async raw(port: number, said: string): Promise<string> {
    const socket = connectPlain(port, '127.0.0.1');
    socket.on('error', () => undefined); // who is not let in may be reset
    socket.write(said);
    let heard = '';
    socket.on('data', (piece: Buffer) => (heard += String(piece)));
    await new Promise((resolve) => socket.on('close', resolve)); // after an error, too
    return heard;
  }

  /** What came to an instance of a request by https. */
  async secure(host: string): Promise<IncomingHttpHeaders> {
    const socket = connect({ port: this.httpsPort, host: '127.0.0.1', servername: host, rejectUnauthorized: false });
    socket.write(`GET / HTTP/1.0\r\nHost: ${host}\r\n\r\n`);
    let heard = '';
    for await (const piece of socket) heard += String(piece);
    return (JSON.parse(heard.slice(heard.indexOf('{'))) as Arrived).headers;
  }

  /** The last line that it wrote and that has this in it. */
  lastLog(what: string): string | false {
    return this.#log.split('\n').filter((line) => line.includes(what)).at(-1) ?? false;
  }

  async close(): Promise<void> {
    if (this.#process?.exitCode === null) {
      this.#process.kill('SIGTERM');
      await once(this.#process, 'exit');
    }
    for (const server of this.#servers) server.close();
    rmSync(this.#directory, { recursive: true, force: true });
  }

  get #container(): ReturnType<Proxy['containerOf']> {
    return this.proxy.containerOf(INSTANCE, minimalService('haproxy:2.6', { balancer: DEFAULT_BALANCER }));
  }

  get #folder(): string {
    return this.#container.volumes[0]!.source!;
  }

  #start(): void {
    const [program = '', ...args] = this.#container.entrypoint ?? [];
    this.#process = spawn(program, args, { cwd: this.#folder, stdio: ['ignore', 'pipe', 'pipe'] });
    for (const stream of [this.#process.stdout, this.#process.stderr]) stream?.on('data', (piece: Buffer) => (this.#log += String(piece)));
  }

  #run([program = '', ...args]: readonly string[]): Promise<CommandResult> {
    return new Promise((resolve) => {
      execFile(program, args, { cwd: this.#folder }, (error, stdout, stderr) => {
        resolve({ exitCode: error === null ? 0 : Number(error.code), output: `${stdout}${stderr}`.trim().split('\n').slice(-10) });
      });
    });
  }
}

export const route = (service: string, spec: Partial<RouteSpec>, servers: readonly ServedServer[], users?: string): ServedRoute =>
  ({ name: `infra/lb:${service}`, service, spec: { ...DEFAULT_ROUTE, ...spec }, servers, ...(users === undefined ? {} : { users }) });

function ask(options: { readonly port: number; readonly path: string; readonly headers: Readonly<Record<string, string>> }): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const asking = request({ ...options, host: '127.0.0.1', agent: false }, (answer) => {
      let body = '';
      answer.on('data', (piece: Buffer) => (body += String(piece)));
      answer.on('end', () => resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body }));
    });
    asking.on('error', reject);
    asking.end();
  });
}

async function freePorts(count: number): Promise<readonly number[]> {
  const servers = Array.from({ length: count }, () => createTcpServer());
  const ports: number[] = [];
  for (const server of servers) {
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    ports.push((server.address() as AddressInfo).port);
  }
  for (const server of servers) server.close();
  return ports;
}
