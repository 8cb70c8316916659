import type { Progress } from '../../ports/index.js';
import type { Sink } from '../host.js';
import type { Colours } from './colour.js';

type InstanceProgress = Extract<Progress, { type: 'instance' }>;
type ServiceProgress = Extract<Progress, { type: 'service' }>;
export type Failure = Extract<Progress, { type: 'failed' }>;

/** Shows how a stack comes up: one living line per service on a terminal, one line per event elsewhere. */
export class ProgressPrinter {
  readonly #sink: Sink;
  readonly #colours: Colours;
  readonly #services = new Map<string, ServiceProgress>();
  readonly #instances = new Map<string, InstanceProgress>();
  readonly #said = new Map<string, string>();
  #drawn = 0;

  constructor(sink: Sink, colours: Colours) {
    this.#sink = sink;
    this.#colours = colours;
  }

  show(event: Progress): void {
    if (event.type === 'instance') this.#instances.set(event.instance, event);
    if (event.type === 'service') this.#services.set(event.service, event);
    if (this.#sink.isTerminal) this.#draw();
    else this.#say(event);
  }

  /** Leaves what is drawn and goes on below it. */
  end(): void {
    this.#drawn = 0;
  }

  #say(event: Progress): void {
    if (event.type !== 'instance' && event.type !== 'service') return;
    const key = event.type === 'instance' ? event.instance : event.service;
    const line = event.type === 'instance' ? instanceLine(event) : serviceLine(event);
    if (this.#said.get(key) === line) return;
    this.#said.set(key, line);
    this.#sink.write(`${line}\n`);
  }

  #draw(): void {
    const width = this.#sink.columns ?? 80;
    const lines = [...this.#services.values()].map((service) => this.#liveLine(service).slice(0, width - 1));
    const paint = (line: string): string => (line.startsWith('✓') ? this.#colours.green(line) : line);
    const up = this.#drawn === 0 ? '' : `\u001B[${String(this.#drawn)}A`;
    this.#sink.write(`${up}${lines.map((line) => `\u001B[2K${paint(line)}\n`).join('')}`);
    this.#drawn = lines.length;
  }

  /** `· todo/web   2/3   web.3@42 pulling on n2`. */
  #liveLine(service: ServiceProgress): string {
    const isDone = service.running >= service.wanted;
    const news = [...this.#instances.values()]
      .filter(({ service: of, phase, reason }) => of === service.service && (phase === 'running' ? reason !== undefined : !isDone))
      .map(({ instance, node, phase, reason }) => `${instance.slice(instance.indexOf('/') + 1)} ${phase}${node === '' ? '' : ` on ${node}`}${because(reason)}`)
      .join(', ');
    const tail = news === '' && !isDone ? (service.reason ?? '') : news;
    const count = service.older === 0 ? `${String(service.running)}/${String(service.wanted)}` : countText(service);
    return `${isDone ? '✓' : '·'} ${service.service}   ${count}${tail === '' ? '' : `   ${tail}`}`;
  }
}

const because = (reason: string | undefined): string => (reason === undefined ? '' : `: ${reason}`);

const instanceLine = ({ instance, node, phase, reason }: InstanceProgress): string =>
  `${instance} ${phase}${node === '' ? '' : ` on ${node}`}${because(reason)}`;

const serviceLine = (service: ServiceProgress): string => `${service.service} ${countText(service)}${because(service.reason)}`;

/** `2 of 3 running`; while older ones run beside them, `1 of 3 new, 3 running`. */
const countText = ({ running, older, wanted }: ServiceProgress): string =>
  older === 0 ? `${String(running)} of ${String(wanted)} running` : `${String(running)} of ${String(wanted)} new, ${String(running + older)} running`;

/** Why a stack does not come up, with the last lines of the container. */
export function renderFailure({ service, instance, reason, output }: Failure): readonly string[] {
  const tail = output.length === 0 ? [] : ['its last lines:', ...output.map((line) => `  | ${line}`)];
  return [`${instance ?? service}: ${reason}`, ...tail];
}
