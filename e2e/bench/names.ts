import { spawn } from 'node:child_process';
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import packet from 'dns-packet';
import type { Measurement } from './measure.js';

export const NAME_SERVER = { address: '127.0.0.53', port: 5_399 } as const;
export const SERVICES = 2_000;
export const INSTANCES = 5;

const TICKS_PER_SECOND = 100;
const SOCKETS = 8;
/** Questions under way at once on each socket. */
const UNDER_WAY = 16;
const WARM_UP_MS = 2_000;
const ROUNDS = 5;
const ROUND_MS = 2_000;
/** What an agent must answer in a second, and what that may take of one core. */
const WANTED = 20_000;
const MOST_PERCENT = 100;

/** What a node's server of names takes to answer: asked without a pause from another process, for names of 10,000 endpoints. */
export async function benchNames(say: (line: string) => void): Promise<readonly Measurement[]> {
  const server = spawn(process.execPath, ['.results/bench-name-server.mjs'], { stdio: ['ignore', 'pipe', 'inherit'] });
  const askers = Array.from({ length: SOCKETS }, (_, at) => new Asker(at));
  try {
    await once(server.stdout, 'data');
    for (const asker of askers) asker.start();
    await sleep(WARM_UP_MS);
    const rounds: { readonly perSecond: number; readonly percent: number }[] = [];
    for (let round = 1; round <= ROUNDS; round++) {
      rounds.push(await measure(askers, server.pid!));
      say(`round ${round} of ${ROUNDS}: ${Math.round(rounds.at(-1)!.perSecond)} names a second`);
    }
    return [
      { group: 'names', what: 'answered by an agent, UDP', value: Math.max(...rounds.map(({ perSecond }) => perSecond)), unit: 'names/s' },
      { group: 'names', what: `of one core at ${WANTED} names/s`, value: Math.min(...rounds.map(({ percent }) => percent)), unit: '%', bound: { sort: 'at most', value: MOST_PERCENT } },
    ];
  } finally {
    for (const asker of askers) asker.close();
    server.kill();
  }
}

async function measure(askers: readonly Asker[], pid: number): Promise<{ readonly perSecond: number; readonly percent: number }> {
  const answered = (): number => askers.reduce((sum, asker) => sum + asker.answered, 0);
  const [answeredBefore, ticksBefore, begun] = [answered(), ticksOf(pid), performance.now()];
  await sleep(ROUND_MS);
  const [count, cpuSeconds] = [answered() - answeredBefore, (ticksOf(pid) - ticksBefore) / TICKS_PER_SECOND];
  return { perSecond: (count * 1000) / (performance.now() - begun), percent: (cpuSeconds / count) * WANTED * 100 };
}

/** Fields 14 and 15 of /proc/PID/stat: what a process took of the machine, for itself and in the kernel. */
function ticksOf(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]!.split(' ');
  return Number(fields[11]) + Number(fields[12]);
}

/** Asks the next question for each answer. */
class Asker {
  answered = 0;
  readonly #socket: Socket = createSocket('udp4');
  readonly #questions: readonly Buffer[];
  #next = 0;

  constructor(at: number) {
    this.#questions = Array.from({ length: SERVICES / SOCKETS }, (_, index) =>
      packet.encode({ type: 'query', id: index, flags: packet.RECURSION_DESIRED, questions: [{ type: 'A', name: `s${index * SOCKETS + at + 1}.bench.default.kontena.local` }], additionals: [
        { type: 'OPT', name: '.', udpPayloadSize: 1_232, extendedRcode: 0, ednsVersion: 0, flags: 0, flag_do: false, options: [] },
      ] }));
  }

  start(): void {
    this.#socket.on('message', (bytes) => {
      if (bytes.readUInt16BE(6) !== INSTANCES) throw new Error(`an answer has ${bytes.readUInt16BE(6)} addresses`);
      this.answered++;
      this.#ask();
    });
    for (let count = 0; count < UNDER_WAY; count++) this.#ask();
  }

  close(): void {
    this.#socket.close();
  }

  #ask(): void {
    this.#next = (this.#next + 1) % this.#questions.length;
    this.#socket.send(this.#questions[this.#next]!, NAME_SERVER.port, NAME_SERVER.address);
  }
}
