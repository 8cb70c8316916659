import { watch } from 'chokidar';
import { resolve } from 'node:path';
import { earliest, type Instant, KontenaError, later, messageOf, type Millis } from '../model/index.js';
import type { Clock, Control, Log, Resource } from '../ports/index.js';
import { placeMistakes, type VolumeDocument } from '../stackfile/index.js';
import { Files, type ReadStack, type Variables } from './files.js';
import { inOneSentence } from './in-one-sentence.js';
import { type Declared, type KnownStack, plan, type Step } from './plan.js';
import { Reports } from './reports.js';
import { scan } from './scan.js';

export interface WatchOptions {
  readonly directory: string;
  readonly control: Control;
  readonly grid: string;
  readonly clock: Clock;
  readonly log: Log;
  /** A reader for one round of reading: what a registry has is asked anew in each. */
  readonly openReader: () => ReadStack;
  /** An emptied directory removes all its stacks. */
  readonly allowEmpty: boolean;
}

export interface WatchedDirectory {
  /** Ends watching. Stacks stay as they are. */
  close(): Promise<void>;
}

/** How often to look without being told: for what the operating system did not say, and for what the master refused. */
const RESCAN_MS: Millis = 5000;

/**
 * Keeps a grid as the stack files (`*.yml`, `*.yaml`) directly in a directory say, until closed.
 *
 * @throws KontenaError KON_FILE_UNREADABLE when the directory cannot be read
 */
export async function watchDirectory(options: WatchOptions): Promise<WatchedDirectory> {
  const directory = resolve(options.directory);
  if ((await scan(directory)) === undefined) throw new KontenaError('KON_FILE_UNREADABLE', `the directory ${directory} cannot be read`);
  const watched = new Watched({ ...options, directory });
  const watcher = watch(directory, { depth: 0, ignoreInitial: true });
  watcher.on('all', () => watched.ring());
  watcher.on('error', (error) => options.log.warn('the directory is looked at now and then only', { directory, reason: messageOf(error) }));
  await new Promise<void>((done) => watcher.once('ready', () => done()));
  const ended = watched.run();
  return {
    close: async () => {
      watched.stop();
      await watcher.close();
      await ended;
    },
  };
}

class Watched {
  readonly #options: WatchOptions;
  readonly #files: Files;
  readonly #reports: Reports;
  #missing: ReadonlyMap<string, Instant> = new Map();
  /** There may be something to tell the master: at first, as files may have gone while nobody watched. */
  #isDue = true;
  #hasLooked = false;
  #isStopped = false;
  #hasRung = false;
  #wake: (() => void) | undefined;
  #giveUp: (() => void) | undefined;
  #complaint: string | undefined;

  constructor(options: WatchOptions) {
    this.#options = options;
    this.#files = new Files(options.openReader);
    this.#reports = new Reports(options);
  }

  ring(): void {
    this.#hasRung = true;
    this.#wake?.();
  }

  stop(): void {
    this.#isStopped = true;
    this.#giveUp?.();
    this.ring();
  }

  async run(): Promise<void> {
    while (!this.#isStopped) {
      this.#hasRung = false;
      const wakeAt = await this.#look();
      await this.#sleep(earliest(wakeAt, later(this.#options.clock.now(), RESCAN_MS)) as Instant);
    }
    await this.#reports.withdraw();
  }

  #sleep(until: Instant): Promise<void> {
    if (this.#hasRung) return Promise.resolve();
    return new Promise((resolve) => {
      const callOff = this.#options.clock.at(until, () => this.#wake?.());
      this.#wake = (): void => {
        callOff();
        this.#wake = undefined;
        resolve();
      };
    });
  }

  /** Looks at the directory, and does what follows. Returns when to look again, if before long. */
  async #look(): Promise<Instant | undefined> {
    const { directory, log } = this.#options;
    try {
      const next = await this.#follow(await scan(directory));
      this.#complaint = undefined;
      return next;
    } catch (error) {
      // Said once, not every few seconds: the master may be away for hours.
      if (this.#complaint !== messageOf(error)) log.warn('the master cannot be told of the watched directory', { directory, reason: messageOf(error) });
      this.#complaint = messageOf(error);
      return undefined;
    }
  }

  async #follow(marks: Awaited<ReturnType<typeof scan>>): Promise<Instant | undefined> {
    // Nothing is read before the grid was looked at: variables have their values there.
    if (!this.#hasLooked) await this.#stacks();
    this.#hasLooked = true;
    const looked = marks === undefined ? { isNews: true, wakeAt: undefined } : await this.#unlessStopped(this.#files.update(marks, this.#options.clock.now()));
    if (looked === undefined) return undefined;
    const { isNews, wakeAt } = looked;
    this.#isDue ||= isNews || this.#missing.size > 0 || this.#reports.isAnyOpen || this.#files.all.some(({ state }) => state !== 'applied');
    if (!this.#isDue) return wakeAt;
    const next = await this.#act(marks !== undefined);
    this.#isDue = false;
    return earliest(wakeAt, next);
  }

  /** Reading may wait for a registry that does not answer: nobody waits for that when watching ends. */
  #unlessStopped<T>(reading: Promise<T>): Promise<T | undefined> {
    const stopped = new Promise<undefined>((stop) => (this.#giveUp = (): void => stop(undefined)));
    return Promise.race([reading, this.#isStopped ? undefined : stopped]);
  }

  async #stacks(): Promise<readonly KnownStack[]> {
    const { control, grid } = this.#options;
    const stacks: KnownStack[] = [];
    for await (const stack of control.resources.list({ grid, kind: 'stack' })) stacks.push(knownStack(stack));
    this.#files.variables = new Map(stacks.map(({ name, spec }) => [name, { variables: {}, ...(spec as Partial<Variables>) }]));
    return stacks;
  }

  async #act(isReadable: boolean): Promise<Instant | undefined> {
    const { directory, allowEmpty, clock } = this.#options;
    const stacks = await this.#stacks();
    const files = this.#files.all;
    const planned = plan({ directory, files: isReadable ? files : undefined, stacks, missing: this.#missing, allowEmpty, now: clock.now() });
    this.#missing = planned.missing;

    let [changed, refused] = [0, 0];
    for (const step of planned.steps) {
      if (!(await this.#carryOut(step))) refused += 1;
      else if (step.do === 'declare' || step.do === 'apply' || step.do === 'remove') changed += 1;
    }
    const spoken = new Set([...files.map(({ path }) => path), ...planned.steps.map(({ file }) => file)]);
    await this.#reports.forgetAllBut(spoken);
    // What was refused for the sake of another stack of this directory may be right now.
    return refused > 0 && changed > 0 ? clock.now() : planned.wakeAt;
  }

  /** Whether the master took it. */
  async #carryOut(step: Step): Promise<boolean> {
    const { control, grid, log } = this.#options;
    const { file } = step;
    try {
      switch (step.do) {
        case 'declare':
          await this.#declare(step.volumes, file);
          return true;
        case 'apply':
          for (const declared of step.stacks) await this.#apply(declared, file);
          this.#files.settle(file);
          await this.#reports.say(file, { stack: step.name });
          return true;
        case 'keep':
          this.#files.settle(file);
          await this.#reports.say(file, { stack: step.name });
          return true;
        case 'remove':
          await control.resources.remove(grid, 'stack', step.name);
          log.info('removed, as no file declares it any more', { stack: step.name, file });
          return true;
        case 'complain':
          await this.#reports.say(file, { ...stackOf(step), error: step.error }, step.isOfAll);
          return true;
      }
    } catch (error) {
      if (!(error instanceof KontenaError) || error.retry) throw error;
      await this.#reports.say(file, { ...stackOf(step), error: inOneSentence(error, file) });
      return false;
    }
  }

  async #declare(volumes: readonly VolumeDocument[], file: string): Promise<void> {
    const { control, grid, log } = this.#options;
    for (const volume of volumes) {
      const { isNew, revision } = await control.volumes.declare(grid, { ...volume, isNew: false });
      if (isNew) log.info('declared', { volume: volume.name, file, revision });
    }
    this.#files.settle(file);
    await this.#reports.say(file, {});
  }

  /** What the master finds wrong is said where it stands, in the file or in one that it depends on. */
  async #apply({ stack, file: name, secrets }: Declared, file: string): Promise<void> {
    const { control, grid, log } = this.#options;
    try {
      const { differences, revision } = await control.stacks.apply({ grid, stack, dryRun: false, origin: file, secrets });
      if (differences.length > 0) log.info('applied', { stack: stack.name, file, revision });
    } catch (error) {
      if (!(error instanceof KontenaError) || error.mistakes.length === 0 || stack.source === undefined) throw error;
      throw new KontenaError(error.code, error.message, { cause: error, mistakes: placeMistakes({ name, text: stack.source }, error.mistakes) });
    }
  }
}

/** The stack that a step is about, if any. */
const stackOf = (step: Step): { readonly stack?: string } => ('name' in step ? { stack: step.name } : {});

const knownStack = ({ name, spec, status }: Resource): KnownStack => ({ name, spec, origin: typeof status.origin === 'string' ? status.origin : undefined });
