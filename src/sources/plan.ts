import { dirname } from 'node:path';
import type { VolumeDocument } from '../stackfile/index.js';
import { earliest, type Instant, isSame, later, type Millis, type StackSpec } from '../model/index.js';

/** How long a stack stays after its file has gone: editors and git take files away and put them back. */
const REMOVE_AFTER_MS: Millis = 5000;

/** A stack, and the file it stands in: a watched one, or one that a watched one depends on. */
export interface Declared {
  readonly stack: StackSpec;
  /** Absolute, or a name in a registry, or an address. */
  readonly file: string;
  /** What its variables write to the vault, by name. */
  readonly secrets: Readonly<Record<string, string>>;
}

/** What a file declares. */
export interface Declarations {
  readonly volumes: readonly VolumeDocument[];
  /** Its own is the last, each after those it depends on. */
  readonly stacks: readonly Declared[];
}

/** A file as it was last read. */
export interface SourceFile {
  /** Absolute. */
  readonly path: string;
  readonly volumes?: Declarations['volumes'] | undefined;
  /** Undefined while it cannot be read. */
  readonly stacks?: readonly Declared[] | undefined;
  /** Why not. */
  readonly error?: string | undefined;
  /**
   * `saved`: what it says is to be declared, even where a person has set a number by hand since. `found`: it was there
   * when watching began, and is declared only where the grid says otherwise. `applied`: that is done.
   */
  readonly state: 'saved' | 'found' | 'applied';
}

/** A stack that the grid has. */
export interface KnownStack {
  readonly name: string;
  readonly origin: string | undefined;
  readonly spec: Readonly<Record<string, unknown>>;
}

export interface Situation {
  /** Absolute. */
  readonly directory: string;
  /** In order of path; undefined when the directory cannot be read. */
  readonly files: readonly SourceFile[] | undefined;
  readonly stacks: readonly KnownStack[];
  /** Since when stacks of this directory have had no file, by name. */
  readonly missing: ReadonlyMap<string, Instant>;
  /** An emptied directory means that nothing is to run. */
  readonly allowEmpty: boolean;
  readonly now: Instant;
}

export type Step =
  | { readonly do: 'declare'; readonly file: string; readonly volumes: readonly VolumeDocument[] }
  /** In this order. */
  | { readonly do: 'apply'; readonly file: string; readonly name: string; readonly stacks: readonly Declared[] }
  /** The grid has it so already. */
  | { readonly do: 'keep'; readonly file: string; readonly name: string }
  | { readonly do: 'remove'; readonly file: string; readonly name: string }
  | Complaint;

export interface Complaint {
  readonly do: 'complain';
  readonly file: string;
  readonly name?: string;
  readonly error: string;
  /** The same is wrong with all files of the directory. */
  readonly isOfAll?: true;
}

export interface SourcePlan {
  readonly steps: readonly Step[];
  readonly missing: ReadonlyMap<string, Instant>;
  readonly wakeAt: Instant | undefined;
}

/** What to tell the master, so that the grid becomes what the files of a directory say. */
export function plan(situation: Situation): SourcePlan {
  const { files = [], stacks } = situation;
  const owners = ownersOf(files, new Map(stacks.map((stack) => [stack.name, stack.origin])));
  const gone = goneSteps(situation, owners);
  return { ...gone, steps: [...files.flatMap(volumeSteps), ...files.flatMap((file) => stepsFor(file, owners, stacks)), ...gone.steps] };
}

/** Which file speaks for each stack: the one it came from, else the first. */
function ownersOf(files: readonly SourceFile[], origins: ReadonlyMap<string, string | undefined>): ReadonlyMap<string, string> {
  const owners = new Map<string, string>();
  for (const { path, stacks = [] } of files) {
    for (const { stack } of stacks) if (!owners.has(stack.name) || origins.get(stack.name) === path) owners.set(stack.name, path);
  }
  return owners;
}

/** Before all stacks, which may mount them. One that is gone from its file stays: there is data in it. */
const volumeSteps = ({ path, volumes = [], state }: SourceFile): readonly Step[] => (volumes.length === 0 || state === 'applied' ? [] : [{ do: 'declare', file: path, volumes }]);

function stepsFor({ path, stacks, error, state }: SourceFile, owners: ReadonlyMap<string, string>, known: readonly KnownStack[]): readonly Step[] {
  const name = stacks?.at(-1)?.stack.name;
  if (stacks === undefined || name === undefined) return error === undefined ? [] : [{ do: 'complain', file: path, error }];
  const taken = stacks.find(({ stack }) => owners.get(stack.name) !== path)?.stack.name;
  if (taken !== undefined) {
    return [{ do: 'complain', file: path, name, error: `stack ${taken} is declared by ${owners.get(taken) ?? 'another file'} already: this file changes nothing` }];
  }
  if (state === 'applied') return [];
  const isSo = ({ stack }: Declared): boolean => known.some((one) => one.name === stack.name && one.origin === path && isSame(one.spec, stack));
  const due = state === 'found' ? stacks.filter((declared) => !isSo(declared)) : stacks;
  return [due.length === 0 ? { do: 'keep', file: path, name } : { do: 'apply', file: path, name, stacks: due }];
}

/** What becomes of stacks that came from this directory and that no file of it declares any more. */
function goneSteps({ directory, files, stacks, missing, allowEmpty, now }: Situation, owners: ReadonlyMap<string, string>): SourcePlan {
  const unread = new Set(files?.flatMap(({ path, stacks: read }) => (read === undefined ? [path] : [])));
  const orphans = stacks.flatMap(({ name, origin }) =>
    origin !== undefined && dirname(origin) === directory && !owners.has(name) && !unread.has(origin) ? [{ name, file: origin }] : [],
  );
  const held = whyHeld(directory, files, allowEmpty);
  if (held !== undefined) {
    // Time does not count while nothing can be believed: what comes back comes back one by one.
    return { steps: orphans.map(({ name, file }) => ({ do: 'complain', file, name, error: held, isOfAll: true })), missing: new Map(), wakeAt: undefined };
  }

  const since = new Map(orphans.map(({ name }) => [name, missing.get(name) ?? now]));
  const due = orphans.filter(({ name }) => later(since.get(name) ?? now, REMOVE_AFTER_MS) <= now);
  const deadlines = [...since.values()].map((from) => later(from, REMOVE_AFTER_MS)).filter((deadline) => deadline > now);
  return { steps: due.map(({ name, file }) => ({ do: 'remove', file, name })), missing: since, wakeAt: earliest(...deadlines) };
}

function whyHeld(directory: string, files: readonly SourceFile[] | undefined, allowEmpty: boolean): string | undefined {
  if (files === undefined) return `its directory ${directory} cannot be read: the stack stays`;
  if (allowEmpty || files.some(({ volumes = [] }) => volumes.length === 0)) return undefined;
  return `${directory} has been emptied: the stack stays until that is confirmed with --allow-empty, or it is deleted by name`;
}
