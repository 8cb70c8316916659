import { nearest } from '../../model/index.js';
import { refuse } from '../referred.js';
import type { Mistakes } from '../text/mistakes.js';
import { wordOf, type Node } from '../text/node.js';
import type { Found, Names } from '../text/interpolate.js';
import { operatorNames, partsHold } from './conditions.js';
import type { Definition, Way } from './definition.js';
import { originOf, type Kept } from './kept.js';
import type { Outside } from './outside.js';
import { environmentName, resolverNames, resolverOf } from './resolvers.js';
import { isDoubtful, judge, sanitise } from './types.js';
import { isPresent, textOfValue, type Value } from './value.js';

export interface GroupOptions {
  readonly definitions: readonly Definition[];
  /** Values that a person gives: -v and --values-from. They go before everything else; an empty one forgets what was kept. */
  readonly values: Readonly<Record<string, Value>>;
  /** What the installed stack keeps. */
  readonly kept: Readonly<Record<string, Kept>>;
  /** Values from the file that this one is a dependency of: they go before what this file says. */
  readonly assigned: Readonly<Record<string, Value>>;
  /** What stands before a name in `-v`: nothing, or `child.` for the stacks of a dependency. */
  readonly prefix: string;
  /** What needs no definition: GRID, STACK, PLATFORM, PARENT_STACK, dependencies, and what the file that extends this one knows. */
  readonly fixed: Readonly<Record<string, Value>>;
  readonly outside: Outside;
  readonly stack: string;
  readonly mistakes: Mistakes;
}

interface Resolved {
  readonly value: Value;
  readonly isSkipped: boolean;
  /** From the vault, or made from what is. */
  readonly isSecret: boolean;
  /** Where the value came from, when it is to be kept. */
  readonly origin?: string | undefined;
}

/** The variables of a file and what they are worth; each is resolved once, in the order of the file, those it needs first. */
export class Variables implements Names {
  readonly #resolved = new Map<string, Resolved>();
  readonly #open: string[] = [];
  /** Variables that need each other: that has been said, and what follows from it need not be. */
  readonly #ringed = new Set<string>();
  /** Variables that took something from another which has to do with the vault. */
  readonly #derived = new Set<string>();
  /** Variables that took something from another whose value came from a file. */
  readonly #ofFiles = new Set<string>();
  /** Of what has to do with the vault, those that took a value which came from there. */
  readonly #tainted = new Set<string>();
  readonly #byName: ReadonlyMap<string, Definition>;
  /** What `env:` sees: the environment, and what earlier variables put there. */
  readonly #environment: Record<string, string | undefined>;
  /** Which variable put a name there. */
  readonly #givenBy = new Map<string, Definition>();

  constructor(private readonly options: GroupOptions) {
    this.#byName = new Map(options.definitions.map((definition) => [definition.name, definition]));
    this.#environment = { ...options.outside.environment };
    for (const name of ['GRID', 'STACK', 'PLATFORM', 'PARENT_STACK']) if (isPresent(options.fixed[name])) this.#environment[name] = textOfValue(options.fixed[name]);
  }

  async resolveAll(): Promise<void> {
    for (const definition of this.options.definitions) {
      for (const { name, at } of definition.to) {
        if (name !== 'env' && name !== 'vault') this.options.mistakes.error(at, ['variables', definition.name, 'to', name], `there is nothing called "${name}" to put a value into`, { hint: 'env or vault' });
      }
      await this.resolve(definition);
    }
  }

  /** Names that text may mention. */
  get known(): readonly string[] {
    return [...new Set([...Object.keys(this.options.fixed), ...this.#byName.keys(), ...this.options.definitions.flatMap(({ to }) => to.flatMap(envName))])];
  }

  /** By name, or else by the first variable in force whose `to: env` is that name. */
  lookup(name: string): Found {
    const own = this.value(name);
    if (own !== undefined) return { isDeclared: true, value: own };
    const targets = this.options.definitions.filter((definition) => definition.to.some((way) => envName(way).includes(name)));
    const inForce = targets.find((definition) => this.#resolved.get(definition.name)?.isSkipped === false) ?? targets[0];
    return inForce === undefined ? { isDeclared: false } : { isDeclared: true, value: this.value(inForce.name) ?? null };
  }

  /** Undefined when there is no such variable. */
  value(name: string): Value | undefined {
    const { fixed } = this.options;
    return Object.hasOwn(fixed, name) ? (fixed[name] ?? null) : this.#byName.has(name) ? (this.#resolved.get(name)?.value ?? null) : undefined;
  }

  /** What templates see: every variable by its name. */
  all(): Readonly<Record<string, Value>> {
    return { ...Object.fromEntries([...this.#byName.keys()].map((name) => [name, this.value(name) ?? null])), ...this.options.fixed };
  }

  /** Names and values of the file's own variables; without those that have to do with the vault, unless `which` says otherwise. */
  own(which: 'all' | 'given' | 'public'): Readonly<Record<string, Value>> {
    const shown = this.options.definitions.filter((definition) => {
      if (which === 'all') return true;
      return which === 'public' ? !this.isConfidential(definition) : this.#resolved.get(definition.name)?.isSecret !== true;
    });
    return Object.fromEntries(shown.map(({ name }) => [name, this.value(name) ?? null]));
  }

  /** Of the variables that are not the vault's business, those whose values are kept with the stack, and where they came from. */
  origins(): Readonly<Record<string, string>> {
    return Object.fromEntries(this.options.definitions.flatMap((definition) => {
      const origin = this.#resolved.get(definition.name)?.origin;
      return origin === undefined || this.isConfidential(definition) ? [] : [[definition.name, origin] as const];
    }));
  }

  /** Variables whose values are the vault's business: from it, to it, or made from such ones; and what text calls them. */
  confidential(): readonly { readonly name: string; readonly mentions: ReadonlySet<string> }[] {
    return this.options.definitions.filter((definition) => this.isConfidential(definition)).map(({ name, to }) => ({ name, mentions: new Set([name, ...to.flatMap(envName)]) }));
  }

  /** What `to: vault` asks for: values by the names of their secrets. */
  secrets(): Readonly<Record<string, string>> {
    return Object.fromEntries(this.options.definitions.flatMap(({ name, to }) => {
      const value = this.value(name);
      return isPresent(value) ? to.filter((way) => way.name === 'vault').map(({ hint }) => [hintOf(hint, name), textOfValue(value)] as const) : [];
    }));
  }

  async resolve(definition: Definition): Promise<Value> {
    const known = this.#resolved.get(definition.name);
    if (known !== undefined) return known.value;
    if (this.#open.includes(definition.name)) {
      const ring = this.#open.slice(this.#open.indexOf(definition.name));
      for (const name of ring) this.#ringed.add(name);
      this.options.mistakes.error(definition.at, ['variables', definition.name], `needs itself: ${[...ring, definition.name].join(' → ')}`);
      return null;
    }
    this.#open.push(definition.name);
    const resolved = await this.find(definition);
    this.#open.pop();
    this.#resolved.set(definition.name, resolved);
    if (isPresent(resolved.value)) for (const name of definition.to.flatMap(envName)) {
      this.#environment[name] = textOfValue(resolved.value);
      this.#givenBy.set(name, definition);
    }
    return resolved.value;
  }

  private async find(definition: Definition): Promise<Resolved> {
    const { values, assigned } = this.options;
    const isFirm = [values, assigned].some((said) => isPresent(ownValue(said, definition.name)));
    const given = this.given(definition);
    const isSkipped = !isFirm && !(await this.applies(definition));
    if (isSkipped) return { value: null, isSkipped, isSecret: false };
    const found = given ?? (await this.fromSources(definition));
    const wrong = this.options.mistakes;
    if (!this.#ringed.has(definition.name)) for (const message of judge(found.value, definition, found.isSecret || this.isUntold(definition))) wrong.error(definition.at, ['variables', definition.name], `variable "${definition.name}" ${message}`, { hint: `set it with -v ${this.options.prefix}${definition.name}=VALUE` });
    return { ...found, isSkipped };
  }

  /** What a person gives, or gave before, or else what the parent's file says. */
  private given(definition: Definition): Omit<Resolved, 'isSkipped'> | undefined {
    const { name } = definition;
    const { values, assigned } = this.options;
    const before = this.kept(name);
    const candidates = [
      { value: ownValue(values, name), origin: 'given' },
      { value: before?.origin === 'given' ? before.value : null, origin: 'given' },
      { value: ownValue(assigned, name), origin: undefined },
    ];
    for (const { value, origin } of candidates) {
      const sanitised = isPresent(value) ? this.sanitised(value, definition) : null;
      if (isDoubtful(value, definition)) this.options.mistakes.warn(definition.at, ['variables', name], `variable "${name}" is a boolean, and what is given counts as false`, { hint: 'true or false' });
      if (isPresent(sanitised)) return { value: sanitised, isSecret: false, origin };
    }
    return undefined;
  }

  /** What the installed stack keeps of a variable, unless it is to be forgotten. */
  private kept(name: string): Kept | undefined {
    const { values, kept } = this.options;
    return Object.hasOwn(values, name) || !Object.hasOwn(kept, name) ? undefined : kept[name];
  }

  /** `value`, then each of `from`, then the environment, then `default`. */
  private async fromSources(definition: Definition): Promise<Omit<Resolved, 'isSkipped'>> {
    const fixed = this.sanitised(plainValue(definition.options['value']), definition);
    if (definition.options['value'] !== undefined && isPresent(fixed)) return { value: fixed, isSecret: false };
    const ways = definition.from.some(({ name }) => name === 'env') ? definition.from : [...definition.from, { name: 'env', hint: undefined, at: definition.at }];
    for (const way of ways) {
      const before = this.kept(definition.name);
      const found = (before?.origin === way.name ? before.value : await this.ask(definition, way)) ?? null;
      if (!isPresent(found)) continue;
      const value = this.sanitised(found, definition);
      if (isPresent(value)) return { value, isSecret: way.name === 'vault' || this.#tainted.has(definition.name), origin: originOf(way.name) };
    }
    return { value: this.sanitised(plainValue(definition.options['default']), definition), isSecret: false };
  }

  private async ask(definition: Definition, way: Way): Promise<Value | undefined> {
    const path = ['variables', definition.name, 'from', way.name];
    const resolver = resolverOf(way.name);
    if (resolver === undefined) {
      const near = nearest(way.name, resolverNames);
      this.options.mistakes.error(way.at, path, `there is nothing called "${way.name}" to take a value from`, { hint: near === undefined ? `known are ${resolverNames.join(', ')}` : `did you mean ${near}?` });
      return undefined;
    }
    if (way.name === 'env') this.inherit(definition, this.#givenBy.get(environmentName(definition, way, this.#environment) ?? ''));
    try {
      return await resolver({ definition, way, outside: { ...this.options.outside, environment: this.#environment }, stack: this.options.stack, valueOf: (name, at) => this.taken(definition, name, at, path) });
    } catch (error) {
      this.complain(error, definition, way, path);
      return undefined;
    }
  }

  /** Says why a way gives no value. @throws what is nobody's mistake */
  private complain(error: unknown, { name }: Definition, way: Way, path: readonly string[]): void {
    const at = way.hint?.at ?? way.at;
    if (!(error instanceof RangeError)) refuse(error, { at, path }, this.options.mistakes);
    else if (!this.#ringed.has(name)) {
      const isTold = !this.#derived.has(name) && !this.#ofFiles.has(name);
      this.options.mistakes.error(at, path, isTold ? `${way.name} ${error.message}` : `${way.name} can make nothing of a value that has to do with the vault, or with another file`);
    }
  }

  /** The value of another variable that this one is made from. */
  private async taken(own: Definition, name: string, at: Node, path: readonly string[]): Promise<Value | undefined> {
    const value = await this.needed(name, at, path);
    this.inherit(own, this.#byName.get(name));
    return value;
  }

  /** What must not be told of one variable must not be told of those that are made from it. */
  private inherit({ name: own }: Definition, from: Definition | undefined): void {
    if (from === undefined) return;
    if (this.isConfidential(from)) this.#derived.add(own);
    if (this.isOfFile(from)) this.#ofFiles.add(own);
    if (this.#resolved.get(from.name)?.isSecret === true) this.#tainted.add(own);
  }

  private isConfidential(definition: Definition): boolean {
    return touchesVault(definition) || this.#derived.has(definition.name);
  }

  private isOfFile({ name, from }: Definition): boolean {
    return from.some((way) => way.name === 'file') || this.#ofFiles.has(name);
  }

  /** Whether no message may show the value: it is the vault's business, or that of another file. */
  private isUntold(definition: Definition): boolean {
    return this.isConfidential(definition) || this.isOfFile(definition);
  }

  /** Values that no message may show. */
  untold(): readonly string[] {
    return this.options.definitions.filter((definition) => this.isUntold(definition)).map(({ name }) => textOfValue(this.value(name) ?? null));
  }

  private async applies({ name, onlyIf, skipIf }: Definition): Promise<boolean> {
    const valueOf = (path: string) => (other: string, at: Node): Promise<Value | undefined> => this.needed(other, at, ['variables', name, path]);
    if (onlyIf !== undefined && !(await partsHold(onlyIf, valueOf('only_if'))).every(Boolean)) return false;
    return skipIf === undefined || !(await partsHold(skipIf, valueOf('skip_if'))).some(Boolean);
  }

  /** The value of a variable that another mentions. */
  private async needed(name: string, at: Node, path: readonly string[]): Promise<Value | undefined> {
    const definition = this.#byName.get(name);
    if (Object.hasOwn(this.options.fixed, name)) return this.options.fixed[name];
    if (definition !== undefined) return this.resolve(definition);
    const near = nearest(name, this.known);
    const isOperator = operatorNames.includes(name);
    this.options.mistakes.error(at.at, path, `there is no variable "${name}"`, { hint: isOperator ? 'write the name of the variable before the comparison: {NAME: {eq: …}}' : near === undefined ? undefined : `did you mean ${near}?` });
    return undefined;
  }

  private sanitised(value: Value, definition: Definition): Value {
    const made = sanitise(value, definition, this.isUntold(definition));
    if ('value' in made) return made.value;
    this.options.mistakes.error(definition.at, ['variables', definition.name], `variable "${definition.name}" ${made.wrong}`);
    return null;
  }
}

const ownValue = (values: Readonly<Record<string, Value>>, name: string): Value => (Object.hasOwn(values, name) ? (values[name] ?? null) : null);
const touchesVault = ({ from, to }: Definition): boolean => [...from, ...to].some(({ name }) => name === 'vault');
const hintOf = (hint: Node | undefined, name: string): string => (hint === undefined ? name : wordOf(hint));
const envName = ({ name, hint }: Way): readonly string[] => (name === 'env' && hint !== undefined ? [wordOf(hint)] : []);

function plainValue(plain: unknown): Value {
  if (plain === null || plain === undefined) return null;
  if (Array.isArray(plain)) return plain.map(plainValue);
  return typeof plain === 'object' ? null : (plain as string | number | boolean);
}
