import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { replaceFile } from '../files/index.js';
import { codeOf, KontenaError, type ServiceSpec } from '../model/index.js';
import type { Proxy, ProxyFault, ProxyStep, ProxyView, Runtime, Served } from '../ports/index.js';
import { backendsIn, reloadsIn, shapeIn } from './answers.js';
import { faultOf } from './certificates.js';
import { type Command, commandsFor, commandsForAnswers, prepareAnswers } from './commands.js';
import { type Configuration, configurationOf, emptyConfiguration } from './configuration.js';
import { backendName, CONFIGURATION, FOLDER, MASTER_SOCKET, WORKER_SOCKET } from './names.js';
import { faultIn } from './refusal.js';
import { ask } from './socket.js';

export interface HaproxyOptions {
  /** Holds a folder for each balancer. Short: the path of a socket has 107 characters. */
  readonly directory: string;
  readonly runtime: Pick<Runtime, 'exec'>;
  /** Who may speak to it, beside root: this program's user. */
  readonly uid: number;
}

/** Asked whether HAProxy would take it; beside the one that it starts with, as it names the same files. */
const CANDIDATE = 'candidate.cfg';
/** Of its statistics. */
const PASSWORD = 'password';

/** HAProxy, in containers of its own image: spoken to by sockets in the folders that they mount. */
export class Haproxy implements Proxy {
  readonly #directory: string;
  readonly #runtime: HaproxyOptions['runtime'];
  readonly #uid: number;

  constructor({ directory, runtime, uid }: HaproxyOptions) {
    this.#uid = uid;
    this.#directory = directory;
    this.#runtime = runtime;
  }

  containerOf(instance: string, spec: ServiceSpec): ServiceSpec {
    const { command: _command, ...declared } = spec;
    return {
      ...declared,
      // One process stays, and starts another for each configuration. Those that serve are nobody.
      entrypoint: ['haproxy', '-W', '-db', '-S', `unix@${MASTER_SOCKET},mode,600,uid,${this.#uid}`, '-f', CONFIGURATION],
      workingDir: FOLDER,
      user: '0:0',
      volumes: [...spec.volumes, { type: 'bind', source: this.#folder(instance), path: FOLDER, flags: [] }],
      stopSignal: 'SIGUSR1', // what is open ends first
      stopGraceSeconds: Math.max(spec.stopGraceSeconds, (spec.balancer?.drainSeconds ?? 0) + 1),
    };
  }

  async prepare(instance: string, password: string): Promise<string> {
    await mkdir(this.#folder(instance), { recursive: true });
    await this.#keepIfNone(instance, CONFIGURATION, emptyConfiguration(this.#uid));
    return this.#keepIfNone(instance, PASSWORD, password);
  }

  /** @returns what is there */
  async #keepIfNone(instance: string, name: string, text: string): Promise<string> {
    const file = this.#path(instance, name);
    const kept = await readIfThere(file);
    if (kept === undefined) await replaceFile(file, text);
    return kept ?? text;
  }

  async look(instance: string): Promise<ProxyView | undefined> {
    try {
      const [info, statistics, processes] = [await this.#worker(instance, 'show info'), await this.#worker(instance, 'show stat -1 6 -1'), await ask(this.#path(instance, MASTER_SOCKET), 'show proc')];
      return { shape: shapeIn(info), reloads: reloadsIn(processes), backends: backendsIn(statistics) };
    } catch (error) {
      if (error instanceof KontenaError) return undefined;
      throw error;
    }
  }

  shapeOf(served: Served): string {
    return configurationOf(served, this.#uid).shape;
  }

  async check(instance: string, served: Served): Promise<ProxyFault | undefined> {
    const certificate = served.certificates.map(faultOf).find((fault) => fault !== undefined);
    if (certificate !== undefined) return certificate;
    const configuration = configurationOf(served, this.#uid);
    await this.#lay(instance, CANDIDATE, configuration);
    const { exitCode, output } = await this.#runtime.exec(instance, ['haproxy', '-c', '-f', CANDIDATE], new AbortController().signal);
    return exitCode === 0 ? undefined : faultIn(output, configuration.owners, new Map(served.routes.map(({ name, service }) => [backendName(service), name])));
  }

  async keep(instance: string, served: Served): Promise<void> {
    const configuration = configurationOf(served, this.#uid);
    await this.#lay(instance, CONFIGURATION, configuration);
    await this.#tidy(instance, configuration);
  }

  async load(instance: string): Promise<void> {
    await ask(this.#path(instance, MASTER_SOCKET), 'reload');
  }

  async take(instance: string, step: ProxyStep): Promise<void> {
    if (step.do !== 'answer') return this.#say(instance, commandsFor(step));
    const prepared = await this.#command(instance, prepareAnswers());
    await this.#say(instance, commandsForAnswers(step.challenges, prepared));
  }

  async forgetOthers(instances: readonly string[]): Promise<void> {
    const kept = new Set(instances.map((instance) => this.#folder(instance)));
    for (const name of await namesIn(this.#directory)) {
      const folder = join(this.#directory, name);
      if (!kept.has(folder)) await rm(folder, { recursive: true, force: true });
    }
  }

  /** Files first, then what names them. */
  async #lay(instance: string, name: string, { text, files }: Configuration): Promise<void> {
    for (const [file, content] of [...Object.entries(files), [name, text] as const]) {
      const path = this.#path(instance, file);
      if ((await readIfThere(path)) === content) continue;
      await mkdir(dirname(path), { recursive: true });
      await replaceFile(path, content);
    }
  }

  /** Removes files that nothing names any more. */
  async #tidy(instance: string, { files }: Configuration): Promise<void> {
    const folders = new Set(Object.keys(files).map((file) => dirname(file)).filter((folder) => folder !== '.'));
    for (const folder of folders) {
      for (const name of await namesIn(this.#path(instance, folder))) if (!Object.hasOwn(files, `${folder}/${name}`)) await rm(this.#path(instance, `${folder}/${name}`), { force: true });
    }
  }

  async #say(instance: string, commands: readonly Command[]): Promise<void> {
    for (const command of commands) await this.#command(instance, command);
  }

  async #command(instance: string, { say, expect }: Command): Promise<string> {
    const answer = (await this.#worker(instance, say)).trim();
    if (expect.test(answer)) return answer;
    throw new KontenaError('KON_BALANCER_REFUSED', `the balancer ${instance} refuses "${say.split('\n')[0] ?? ''}": ${answer}`);
  }

  #worker(instance: string, command: string): Promise<string> {
    return ask(this.#path(instance, WORKER_SOCKET), command);
  }

  #path(instance: string, file: string): string {
    return join(this.#folder(instance), file);
  }

  #folder(instance: string): string {
    return join(this.#directory, createHash('sha256').update(instance).digest('hex').slice(0, 12));
  }
}

async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}

async function namesIn(directory: string): Promise<readonly string[]> {
  try {
    return await readdir(directory);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return [];
    throw error;
  }
}
