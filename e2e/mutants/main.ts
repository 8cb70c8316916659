import { spawn } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { type Finding, findingOf, type Run } from './outcome.js';
import { type Mutant, planted, readMutants } from './mutant.js';

const FOLDER = 'e2e/mutants/faults';
/** What a copy of the project needs for its tests. */
const COPIED = ['src', 'controllers', 'e2e', 'schemas', 'proto', 'bin', 'examples', 'docs', 'package.json', 'jest.config.js', 'tsconfig.json'];
/** Stories told of each mutant by the simulation: one that is not noticed in so many would not be in `make test`. */
const SEEDS = '600';
const LIMIT_MS = 600_000;

interface Verdict extends Finding {
  readonly mutant: Mutant;
  readonly by: string;
  readonly seconds: number;
}

/** A copy of the project in which faults may be planted. */
class Field {
  readonly #folder = mkdtempSync(join(tmpdir(), 'kontena-mutants-'));

  constructor() {
    for (const path of COPIED) cpSync(path, join(this.#folder, path), { recursive: true });
    symlinkSync(resolve('node_modules'), join(this.#folder, 'node_modules'));
    mkdirSync(join(this.#folder, '.results'));
  }

  /** Plants the fault, runs what must notice it, and takes it out again. */
  async *try(mutant: Mutant): AsyncIterable<Verdict> {
    const path = join(this.#folder, mutant.file);
    const sound = readFileSync(path, 'utf8');
    writeFileSync(path, planted(mutant, sound));
    try {
      for (const by of mutant.noticedBy) {
        const began = performance.now();
        const finding = findingOf(await this.#jest(by));
        yield { mutant, by, ...finding, seconds: (performance.now() - began) / 1000 };
      }
    } finally {
      writeFileSync(path, sound);
    }
  }

  remove(): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }

  #jest(path: string): Promise<Run> {
    const env = { ...process.env, NODE_OPTIONS: '--experimental-vm-modules --no-warnings', SIMULATION_SEEDS: SEEDS };
    const child = spawn(process.execPath, ['node_modules/jest/bin/jest.js', '--runInBand', '--bail', '--ci', path], { cwd: this.#folder, env, timeout: LIMIT_MS, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    child.stdout.on('data', (text) => (output += String(text)));
    child.stderr.on('data', (text) => (output += String(text)));
    return new Promise((done) => child.once('close', (code) => done({ code: code ?? undefined, output })));
  }
}

/** `node main.mjs [MUTANT...] [by=PATH...]`: all mutants or some, by what is to notice each or by these tests alone. */
async function main(): Promise<void> {
  const asked = process.argv.slice(2).filter((word) => !word.startsWith('by='));
  const only = process.argv.slice(2).flatMap((word) => (word.startsWith('by=') ? [word.slice('by='.length)] : []));
  const mutants = readMutants(FOLDER)
    .filter(({ name }) => asked.length === 0 || asked.includes(name))
    .map((mutant) => (only.length === 0 ? mutant : { ...mutant, noticedBy: only }));
  for (const mutant of mutants) planted(mutant, readFileSync(mutant.file, 'utf8')); // all of them apply, or none is tried
  const verdicts: Verdict[] = [];
  const waiting = [...mutants];
  const work = async (): Promise<void> => {
    const field = new Field();
    try {
      for (let mutant = waiting.shift(); mutant !== undefined; mutant = waiting.shift()) {
        for await (const verdict of field.try(mutant)) {
          verdicts.push(verdict);
          process.stderr.write(`${verdict.outcome} ${mutant.name} by ${verdict.by} (${verdict.seconds.toFixed(0)} s)\n`);
        }
      }
    } finally {
      field.remove();
    }
  };
  await Promise.all(Array.from({ length: Math.min(availableParallelism(), mutants.length) }, work));
  process.stdout.write(table(mutants, verdicts));
  if (verdicts.some(({ outcome }) => outcome !== 'noticed')) process.exitCode = 1;
}

/** As Markdown, for docs/reliability.md. */
function table(mutants: readonly Mutant[], verdicts: readonly Verdict[]): string {
  const rows = mutants.flatMap(({ name, fault, file }) =>
    verdicts.filter(({ mutant }) => mutant.name === name).map(({ by, outcome, words }) => `| ${fault} | \`${file}\` | \`${by}\` | ${outcome === 'noticed' ? words.replaceAll('|', '/') : `**${outcome}**`} |`));
  return ['| fault | in | tried by | noticed as |', '|---|---|---|---|', ...rows, ''].join('\n');
}

await main();
