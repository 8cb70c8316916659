import { isName, type Mistake, nearest, type ServiceSpec, type StackSpec } from '../model/index.js';
import { apiDependencies, dependenciesOf, dependencyVariables, type Dependency } from './dependencies.js';
import { checkedDocument, filledDocument, rawDocument, withInternals } from './document.js';
import { validateService } from './gen/validate-file.js';
import type { Service } from './gen/stack-file.js';
import { LONGEST, type Files } from './files.js';
import { locate, type Located } from './locate.js';
import { scopeOf, readReferred } from './scope.js';
import { isStackText, referredFile, type Mention } from './referred.js';
import { LANGUAGE_VERSION, meets } from './required-version.js';
import { breaches, type Breach } from './rules.js';
import { checkBalancing } from './balancing/check.js';
import { apiService } from './service/api.js';
import { checkBuild } from './service/build.js';
import { brokenLinks, checkService, itemOfPort, type BrokenLink } from './service/check.js';
import { understoodService, type ExtendsContext, type OpenFile } from './service/extends.js';
import { isLeftOut } from './service/left-out.js';
import { serviceSpec } from './service/spec.js';
import { Mistakes, type Advice } from './text/mistakes.js';
import { child, entriesOf, isList, isMap, plainOf, placeOf, textOf, wordOf, type Node, type Plain } from './text/node.js';
import { scalarText } from './text/scalar.js';
import { addFindings, findings } from './text/schema-mistakes.js';
import type { SourceFile } from './text/source.js';
import { definitionsOf } from './variables/definition.js';
import { Variables } from './variables/group.js';
import { placeInClear } from './variables/in-clear.js';
import type { Kept } from './variables/kept.js';
import type { Outside } from './variables/outside.js';
import type { Value } from './variables/value.js';

export interface ReadOptions {
  /** A path, a name in a stack registry (`user/name:version`), or an address. */
  readonly source: string;
  /** The text, when it is at hand already; `source` is then its name. */
  readonly text?: string;
  /** Of a text that another file refers to: in which folders the files lie that it may refer to in turn. */
  readonly scope?: readonly string[];
  /** Nobody named the file, it was found in a directory: no link may lead elsewhere, and it may be no stack file at all. */
  readonly isFound?: boolean;
  /** Its images are to be built: from what it may refer to. */
  readonly isBuilding?: boolean;
  /** Name of the stack, instead of what the file says. */
  readonly name?: string | undefined;
  /** Default `validate`, as nothing is asked of a grid then. */
  readonly grid?: string | undefined;
  /** Default `validate-platform`. */
  readonly platform?: string | undefined;
  /** Stack that this one is installed with. */
  readonly parent?: string | undefined;
  /** Values of variables that a person gives, by name: they go before everything else. */
  readonly values?: Readonly<Record<string, Value>>;
  /** Values that the file which depends on this one gives: they go before what this file says. */
  readonly assigned?: Readonly<Record<string, Value>>;
  /** What an installed stack of this name keeps; asked only when the file has variables. */
  readonly kept?: ((stack: string) => Promise<Readonly<Record<string, Kept>>>) | undefined;
  /** What stands before the names of its variables in `-v`: `child.` for a dependency. */
  readonly prefix?: string | undefined;
  /** What a master would refuse is an error too, and not a warning. */
  readonly asMaster?: boolean;
  readonly files: Files;
  readonly outside: Omit<Outside, 'readFile'>;
}

export interface ReadResult {
  /** What the master stores; absent after an error. */
  readonly stack?: StackSpec;
  /** The original's request body; absent after an error. */
  readonly apiRequest?: Readonly<Record<string, unknown>>;
  /** The file with every variable and template in its place; absent when it is not YAML. */
  readonly document?: Plain;
  readonly dependencies: readonly Dependency[];
  /** What `to: vault` wants written, once the stack is accepted. */
  readonly secrets: Readonly<Record<string, string>>;
  /** Values of the variables, none from or to the vault: for --values-to. */
  readonly variables: Readonly<Record<string, Value>>;
  /** Everything wrong, warnings too, in the order of lines. */
  readonly mistakes: readonly Mistake[];
  /** Every file that was read: mistakes point into them. */
  readonly sources: readonly SourceFile[];
}

/** Reads a stack file and everything it mentions. Never throws for what a user wrote: all of it is in `mistakes`. */
export async function readStack(options: ReadOptions): Promise<ReadResult> {
  const mistakes = new Mistakes();
  const { source, text, files, isFound = false, scope = scopeOf(source, files) } = options;
  const located = text === undefined ? await locate(source, files, isFound) : { file: { name: source, text, scope }, source };
  if (located === undefined) {
    mistakes.error(undefined, [], `there is no file ${source}, and no such stack in a registry`, { hint: 'name a file: kontena.yml, or a stack: user/name:version' });
    return nothing(mistakes, []);
  }
  if (isFound && !isStackText(located.file.text)) return { ...nothing(mistakes, [located.file]), mistakes: [noStackFile(source)] };
  return new Reading(options, located, mistakes).read();
}

const nothing = (mistakes: Mistakes, sources: readonly SourceFile[]): ReadResult => ({ dependencies: [], secrets: {}, variables: {}, mistakes: mistakes.all(), sources });

/** Said without a line: what it holds is nobody's business. */
const noStackFile = (file: string): Mistake => ({ severity: 'error', file, path: '', message: 'is no stack file: nothing in it begins with stack: or services:', hint: 'move it elsewhere, or give it another ending' });

/** What a stack file calls itself, and the name of the stack that follows. */
function nameOf(raw: Node, given: string | undefined): { readonly full: string | undefined; readonly name: string | undefined } {
  const written = child(raw, 'stack');
  const full = written === undefined || isMap(written) ? undefined : wordOf(written);
  const short = full?.slice(full.lastIndexOf('/') + 1).replace(/:.*$/, '');
  return { full: full === '' ? undefined : full, name: given ?? (short === '' ? undefined : short) };
}

/** What to say of a file without a name: files of docker-compose, and of Kontena before 1.0, never have one. */
function whyNameless(raw: Node): readonly [message: string, advice: Advice] {
  if (child(raw, 'services') === undefined && entriesOf(raw).some(({ value }) => ['image', 'build', 'extends'].some((key) => child(value, key) !== undefined))) {
    return ['stack is missing: this is an application file of Kontena before 1.0, or of docker-compose, whose services stand at the top', { hint: 'write stack: NAME at the top, and the services under services:' }];
  }
  return ['stack is missing', { hint: 'write the name of the stack at the top: stack: my-stack' }];
}

class Reading {
  readonly #sources: SourceFile[] = [];
  readonly #broken: BrokenLink[] = [];
  readonly #opened = new Map<string, OpenFile | undefined>();
  /** Names of the variables of every file read. */
  readonly #declared = new Set<string>();

  constructor(private readonly options: ReadOptions, private readonly located: Located, private readonly mistakes: Mistakes) {}

  async read(): Promise<ReadResult> {
    const { file } = this.located;
    const raw = this.admit(file) ? rawDocument(file, this.mistakes) : undefined;
    if (raw === undefined) return nothing(this.mistakes, this.#sources);
    const { full, name } = nameOf(raw, this.options.name);
    this.checkName(raw, full, name);
    this.checkRequiredVersion(raw);
    const dependencies = await dependenciesOf(raw, file, this.options.files, this.mistakes);
    // one that was not found is known too: that it is missing has been said
    const missing = Object.fromEntries(entriesOf(child(raw, 'depends')).map(({ key }) => [key, `${name ?? ''}-${key}`]));
    const variables = await this.variablesOf(file, raw, { fixed: { ...this.internals(name), ...missing, ...dependencyVariables(dependencies, name ?? '') }, stack: name ?? '' });
    this.warnInClear(file, variables);
    const filled = await filledDocument(file, variables, this.mistakes);
    const about = { raw, full, name, dependencies, variables };
    if (!isMap(filled)) {
      if (!this.mistakes.hasErrors()) this.mistakes.error({ file, offset: 0, length: 1 }, [], 'the file is no mapping once its templates are rendered', { hint: 'see that stack: and services: stand outside of every {% if %}' });
      return this.result(about, filled === undefined ? {} : { document: plainOf(filled) });
    }
    const root = checkedDocument(filled, this.mistakes);
    this.checkSections(root, dependencies);
    const services = await this.services(root, variables);
    this.checkGiven(raw);
    const isSound = !this.mistakes.hasErrors();
    for (const { at, path, message, hint } of this.#broken) this.breach(at, path, message, hint);
    if (!isSound || name === undefined) return this.result(about, { document: plainOf(filled) });
    const stack = this.spec(about, root, services);
    this.judge(stack, root);
    if (this.mistakes.hasErrors()) return this.result(about, { document: plainOf(filled) });
    return this.result(about, { document: plainOf(filled), stack, apiRequest: this.request(about, root, services) });
  }

  /** Notes a file as read, unless it is too large to be one. */
  private admit(file: SourceFile): boolean {
    this.#sources.push(file);
    if (file.text.length <= LONGEST) return true;
    this.mistakes.error({ file, offset: 0, length: 1 }, [], `the file has ${file.text.length} characters; a stack file has at most ${LONGEST}`);
    return false;
  }

  private internals(name: string | undefined): Readonly<Record<string, Value>> {
    const { grid, platform, parent } = this.options;
    return { GRID: grid ?? 'validate', STACK: name ?? null, PLATFORM: platform ?? 'validate-platform', ...(parent === undefined ? {} : { PARENT_STACK: parent }) };
  }

  private checkName(raw: Node, full: string | undefined, name: string | undefined): void {
    if (full === undefined || name === undefined) this.mistakes.error(placeOf(raw, ['stack']), ['stack'], ...whyNameless(raw));
    else if (!/^(.+\/)?(?!-)[a-z0-9-]+(:.*)?$/.test(full) && isName(name)) this.mistakes.warn(placeOf(raw, ['stack']), ['stack'], `stack name "${full}" should hold only a-z, 0-9 and -, and not begin with -`);
  }

  private checkRequiredVersion(raw: Node): void {
    const asked = child(child(raw, 'meta'), 'required_kontena_version');
    if (asked?.kind !== 'scalar' || asked.value === null) return;
    const requirement = wordOf(asked);
    const isMet = meets(LANGUAGE_VERSION, requirement);
    if (isMet === true) return;
    const message = isMet === undefined ? `"${requirement}" is no requirement of a version` : `the file asks for Kontena ${requirement}, and stack files are read here as Kontena ${LANGUAGE_VERSION} read them`;
    this.mistakes.warn(asked.at, ['meta', 'required_kontena_version'], message, { hint: isMet === undefined ? 'write it like ">= 1.3" or "~> 1.4"' : 'see that what it declares is as you mean it' });
  }

  private async variablesOf(file: SourceFile, raw: Node, { fixed, stack }: { readonly fixed: Readonly<Record<string, Value>>; readonly stack: string }): Promise<Variables> {
    const section = child(raw, 'variables');
    const internals = Object.fromEntries(['GRID', 'STACK', 'PLATFORM'].map((key) => [key, (fixed[key] ?? null) as string | null]));
    const { values = {}, assigned = {}, prefix = '', outside, files } = this.options;
    const kept = section === undefined ? {} : ((await this.options.kept?.(stack)) ?? {});
    const definitions = definitionsOf(section === undefined ? undefined : withInternals(section, internals), this.mistakes);
    const variables = new Variables({ definitions, values, kept, assigned, prefix, fixed, stack, mistakes: this.mistakes, outside: { ...outside, readFile: (path) => readReferred(path, file, files) } });
    await variables.resolveAll();
    for (const known of variables.known) this.#declared.add(known);
    for (const value of variables.untold()) this.mistakes.hush(value);
    return variables;
  }

  /** A value for a variable that no file declares does nothing: most likely its name is misspelt. Those with a dot are a dependency's. */
  private checkGiven(raw: Node): void {
    for (const name of Object.keys({ ...this.options.assigned, ...this.options.values })) {
      if (name.includes('.') || this.#declared.has(name)) continue;
      const meant = nearest(name, this.#declared);
      const hint = meant === undefined ? 'leave it out, or declare it under variables' : `did you mean ${meant}?`;
      this.mistakes.warn(placeOf(raw, ['variables'], true), ['variables', name], `there is no variable "${name}" to give a value to`, { hint });
    }
  }

  private warnInClear(file: SourceFile, variables: Variables): void {
    for (const { name, mentions } of variables.confidential()) {
      const at = placeInClear(file, mentions);
      if (at !== undefined) this.mistakes.warn(at, ['variables', name], `the value of "${name}" has to do with the vault, and is stored here with the stack for all to read`, { hint: 'name the secret under secrets: of the service' });
    }
  }

  private checkSections(root: Node, dependencies: readonly Dependency[]): void {
    const at = { file: this.located.file, offset: 0, length: 1 };
    const services = child(root, 'services');
    if (entriesOf(services).length === 0 && entriesOf(child(root, 'volumes')).length === 0) this.mistakes.error(services?.at ?? at, ['services'], 'the file does not list any services or volumes', { hint: 'services: {web: {image: nginx:1}}' });
    else if (services === undefined) this.mistakes.warn(at, ['services'], 'the file does not list any services');
    if (isMap(child(root, 'networks'))) this.mistakes.warn(placeOf(root, ['networks'], true), ['networks'], 'networks as a map have no effect: a network is there as soon as stacks name it', { hint: 'networks: [NAME], or leave it out: stacks of a grid scope each other' });
    for (const { key, keyAt } of entriesOf(services)) {
      if (dependencies.some(({ name }) => name === key)) this.mistakes.error(keyAt, ['services', key], `"${key}" is the name of a service and of a dependency`, { hint: 'rename one of them' });
    }
  }

  /** Every service that is not left out, with all it extends. */
  private async services(root: Node, variables: Variables): Promise<ReadonlyMap<string, Service>> {
    const context: ExtendsContext = {
      mistakes: this.mistakes,
      directory: this.options.files.directory,
      readFile: (path, from) => readReferred(path, from, this.options.files),
      open: (reference, from, at, path) => this.open(reference, { from, at, path }, variables),
    };
    const here: OpenFile = { file: this.located.file, root };
    const services = new Map<string, Service>();
    const checks: (() => void)[] = [];
    for (const { key: name, value } of entriesOf(child(root, 'services'))) {
      if (!isMap(value)) continue; // the schema has said what is wrong
      checkService(name, value, root, this.mistakes);
      this.#broken.push(...brokenLinks(name, value, root));
      const merged = await understoodService(name, here, context);
      if (merged === undefined) continue;
      const image = child(merged, 'image');
      if (image === undefined || textOf(image) === '') this.mistakes.error(placeOf(root, ['services', name], true), ['services', name, 'image'], `image is missing in service "${name}"`, { hint: 'image: name:tag' });
      if (this.options.isBuilding === true) await checkBuild(name, merged, this.options.files, this.mistakes);
      const plain = plainOf(merged);
      if (this.mistakes.hasErrors()) continue;
      if (!validateService(plain)) addFindings(findings(validateService.errors ?? [], 'a service'), merged, ['services', name], this.mistakes);
      else if (!isLeftOut(value, variables, ['services', name], this.mistakes)) {
        services.set(name, plain);
        checks.push(() => checkBalancing(name, plain, merged, { mistakes: this.mistakes, breach: this.breach.bind(this) }));
      }
    }
    for (const check of checks) check();
    return services;
  }

  /** Opens a file that a service is extended from: the variables of this file are known there. */
  private async open(reference: string, mention: Mention, variables: Variables): Promise<OpenFile | undefined> {
    const located = await referredFile(reference, mention, { files: this.options.files, mistakes: this.mistakes, what: 'file' });
    if (located === undefined) return undefined;
    if (this.#opened.has(located.source)) return this.#opened.get(located.source);
    const { file } = located;
    const raw = this.admit(file) ? rawDocument(file, this.mistakes) : undefined;
    const there = raw === undefined ? undefined : await this.variablesOf(file, raw, { fixed: variables.all(), stack: String(variables.value('STACK')) });
    const filled = there === undefined ? undefined : await filledDocument(file, { known: [...there.known, ...variables.known], all: () => there.all(), lookup: (name) => (there.lookup(name).isDeclared ? there.lookup(name) : variables.lookup(name)) }, this.mistakes);
    const opened = filled === undefined ? undefined : { file, root: checkedDocument(filled, this.mistakes) };
    if (opened !== undefined) for (const { key, value } of entriesOf(child(opened.root, 'services'))) if (isMap(value)) checkService(key, value, opened.root, this.mistakes);
    this.#opened.set(located.source, opened);
    return opened;
  }

  private spec({ raw, full, name = '', variables }: About, root: Node, services: ReadonlyMap<string, Service>): StackSpec {
    const volumes = new Map(volumesOf(root).map(({ name, external }) => [name, external]));
    const specs = [...services].map(([key, service]): readonly [string, ServiceSpec] => [key, serviceSpec(service, { stack: name, volumes })]);
    const expose = textOf(child(root, 'expose'));
    const { parent } = this.options;
    const [allow, networks] = [namesIn(root, 'allow'), namesIn(root, 'networks')];
    return {
      name,
      ...(full === undefined ? {} : { stack: full }),
      version: versionText(raw),
      services: Object.fromEntries(specs),
      volumes: Object.fromEntries([...volumes].map(([key, external]) => [key, { external }])),
      ...(expose === undefined ? {} : { expose }),
      ...(allow === undefined ? {} : { allow }),
      ...(networks === undefined ? {} : { networks }),
      labels: labelsOf(root),
      metadata: metadataOf(raw),
      variables: variables.own('public'),
      ...(Object.keys(variables.origins()).length === 0 ? {} : { variableOrigins: variables.origins() }),
      ...(parent === undefined ? {} : { parent }),
      source: this.located.file.text,
    };
  }

  /** What the master would refuse, in the places of the file. */
  private judge(stack: StackSpec, root: Node): void {
    for (const breach of breaches(stack)) {
      const { service, key, index, message, hint } = breach;
      if (key === 'services' && this.options.asMaster !== true) continue;
      // links that the file itself has were looked at where they stand
      if (key === 'links' && index !== undefined && child(child(child(root, 'services'), service ?? ''), 'extends') === undefined) continue;
      const path = pathOfBreach(breach, root);
      this.breach(placeOf(root, path, index === undefined), path, message, hint);
    }
  }

  private breach(at: Node['at'] | undefined, path: readonly (string | number)[], message: string, hint: string | undefined): void {
    if (this.options.asMaster === true) this.mistakes.error(at, path, message, { hint });
    else this.mistakes.warn(at, path, message, { hint });
  }

  /** The body that the original sent. */
  private request({ raw, full, name = '', dependencies, variables }: About, root: Node, services: ReadonlyMap<string, Service>): Readonly<Record<string, unknown>> {
    const { parent } = this.options;
    return {
      stack: full ?? null,
      version: versionOf(raw),
      name,
      labels: labelsOf(root),
      registry: 'file://',
      expose: textOf(child(root, 'expose')) ?? null,
      services: [...services].map(([key, service]) => apiService(key, service, child(child(child(root, 'services'), key), 'ports') !== undefined)),
      volumes: volumesOf(root).map(({ name: volume, external }) => ({ name: volume, external })),
      dependencies: apiDependencies(dependencies),
      source: this.located.file.text,
      variables: { ...variables.own('given'), ...dependencyVariables(dependencies, name) },
      metadata: metadataOf(raw),
      parent: parent === undefined ? null : { name: parent },
    };
  }

  private result({ dependencies, variables }: About, found: Pick<ReadResult, 'stack' | 'apiRequest' | 'document'>): ReadResult {
    return { ...found, dependencies, secrets: variables.secrets(), variables: variables.own('public'), mistakes: this.mistakes.all(), sources: this.#sources };
  }
}

/** What is known of a file while it is read. */
interface About {
  readonly raw: Node;
  readonly full: string | undefined;
  readonly name: string | undefined;
  readonly dependencies: readonly Dependency[];
  readonly variables: Variables;
}

/** Where in its file a stack breaks a rule. */
function pathOfBreach({ service, key, index }: Breach, root: Node): readonly (string | number)[] {
  const item = key === 'ports' && index !== undefined ? itemOfPort(child(child(child(root, 'services'), service ?? ''), 'ports'), index) : index;
  return [...(service === undefined ? [] : ['services', service]), ...(key === undefined ? [] : [key]), ...(item === undefined ? [] : [item])];
}

const isRecord = (plain: Plain): plain is Readonly<Record<string, Plain>> => plain !== null && typeof plain === 'object' && !Array.isArray(plain);

function versionOf(raw: Node): string | number {
  const version = child(raw, 'version');
  const plain = version === undefined ? null : plainOf(version);
  return typeof plain === 'string' || typeof plain === 'number' ? plain : '0.0.1';
}

/** The version as it is written: 1.0 is not 1. */
function versionText(raw: Node): string {
  const version = child(raw, 'version');
  return version?.kind === 'scalar' && version.value !== null ? scalarText(version.value, version.isFloat) : '0.0.1';
}

function metadataOf(raw: Node): Readonly<Record<string, Plain>> {
  const meta = child(raw, 'meta');
  const plain = meta === undefined ? {} : plainOf(meta);
  return isRecord(plain) ? plain : {};
}

const labelsOf = (root: Node): readonly string[] => namesIn(root, 'labels') ?? [];

/** The words of a list at the top; undefined when there is no such list. */
function namesIn(root: Node, key: string): readonly string[] | undefined {
  const list = child(root, key);
  return isList(list) ? [...new Set(list.items.map(wordOf))] : undefined;
}

/** The volumes of a file, with the names of the volumes they stand for. */
function volumesOf(root: Node): readonly { readonly name: string; readonly external: string }[] {
  return entriesOf(child(root, 'volumes')).map(({ key, value }) => ({ name: key, external: textOf(child(child(value, 'external'), 'name')) ?? key }));
}
