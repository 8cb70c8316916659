import type { Emitter, Liquid, Template } from 'liquidjs';
import { nearest } from '../../model/index.js';
import { Fraction, rubyFilters, rubyOperators } from './liquid-filters.js';
import type { Mistakes } from './mistakes.js';
import { TraceWriter, TracedText, type SourceFile } from './source.js';
import { DEEPEST_TEMPLATE, deepTemplate } from './template-depth.js';

/** Milliseconds a template may take; the largest real one takes 2. */
const LONGEST_MS = 500;
/** Units of liquidjs, about one a character or element of a list. */
const MOST_MEMORY = 2_000_000;
/** Characters a template may make: as many as a stack file may have. */
const MOST_OUTPUT = 256 * 1024;

/** Whether there is anything for Liquid to do: it is loaded only then. */
const hasTemplates = (text: string): boolean => text.includes('{{') || text.includes('{%');

/**
 * Renders the Liquid templates of a file: strict, so that an unknown variable, filter or tag is a mistake,
 * and bounded in time, memory and output. Undefined after a mistake.
 */
export async function renderLiquid(file: SourceFile, values: Readonly<Record<string, unknown>>, mistakes: Mistakes): Promise<TracedText | undefined> {
  if (!hasTemplates(file.text)) return TracedText.of(file);
  const tooDeep = deepTemplate(file.text);
  if (tooDeep !== undefined) {
    mistakes.error({ file, offset: tooDeep, length: 1 }, [], `Liquid: templates are nested deeper than ${DEEPEST_TEMPLATE} levels`, { hint: 'write fewer blocks within each other' });
    return undefined;
  }
  const { default: liquidjs } = await import('liquidjs'); // a CommonJS package: bundlers give it only as default
  const engine = new liquidjs.Liquid({
    strictVariables: true, strictFilters: true, ownPropertyOnly: true, catchAllErrors: true,
    renderLimit: LONGEST_MS, memoryLimit: MOST_MEMORY, parseLimit: MOST_OUTPUT, templates: {},
    locale: 'en', // asking the system for its own takes 20 ms
    operators: { ...liquidjs.defaultOperators, ...rubyOperators },
  });
  for (const [name, filter] of Object.entries(rubyFilters(liquidjs.filters))) engine.registerFilter(name, filter);
  const emitter = new TracingEmitter(file);
  try {
    const templates = engine.parse(file.text);
    trace(templates);
    const context = new liquidjs.Context({ ...values }, engine.options, { sync: true });
    const read = context.readProperty.bind(context);
    context.readProperty = (from, key) => {
      const found = read(from, key) as unknown;
      return found === undefined && isBeyond(from, key) ? null : found;
    };
    liquidjs.toValueSync(engine.renderer.renderTemplates(templates, context, emitter));
    return emitter.writer.done();
  } catch (error) {
    report(error, { file, known: Object.keys(values), mistakes, engine });
    return undefined;
  }
}

/** Writes what templates render, knowing which template writes. */
class TracingEmitter implements Emitter {
  buffer = '';
  readonly writer: TraceWriter;
  #begin = 0;
  #end = 0;
  #text: string | undefined;

  constructor(file: SourceFile) {
    this.writer = new TraceWriter(file);
  }

  /** From now on writes the template from `begin` to `end` of the file. */
  enter(begin: number, end: number, text: string | undefined): void {
    this.#begin = begin;
    this.#end = end;
    this.#text = text;
  }

  write(html: unknown): void {
    const made = typeof html === 'string' ? html : textOf(html);
    if (this.writer.length + made.length > MOST_OUTPUT) throw new RangeError(`it makes more than ${MOST_OUTPUT} characters`);
    const skipped = this.#text?.indexOf(made) ?? -1;
    if (skipped >= 0) this.writer.copy(made, this.#begin + skipped);
    else this.writer.insert(made, this.#begin, this.#end);
  }
}

function textOf(value: unknown): string {
  if (Array.isArray(value)) return value.map(textOf).join('');
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' || value instanceof Fraction ? String(value) : '';
}

/** An element that an array is too short for: it is nothing, and no mistake. */
const isBeyond = (from: unknown, key: unknown): boolean => Array.isArray(from) && (typeof key === 'number' || key === 'first' || key === 'last');

/** Makes every template say where it stands before it writes. True when none of them has anything to write but blanks. */
function trace(templates: readonly Template[]): boolean {
  let isBlank = true;
  for (const template of templates) {
    const { begin, end } = template.token;
    const name = nameOf(template);
    const text = textIn(template);
    const isHollow = trace(childrenOf(template)) && BLOCKS.includes(name);
    const render = template.render.bind(template);
    template.render = (context, emitter) => {
      if (emitter instanceof TracingEmitter) emitter.enter(begin, end, text);
      return render(context, isHollow ? NOWHERE : emitter) as unknown;
    };
    isBlank &&= isHollow || SILENT.includes(name) || text?.trim() === '';
  }
  return isBlank;
}

/** The text that a template stands for as it is; undefined when it is a tag or an output. */
function textIn(template: Template): string | undefined {
  const { begin, end, input } = template.token;
  return template.children === undefined && !/^\{[{%]/.test(input.slice(begin, begin + 2)) ? input.slice(begin, end) : undefined;
}

const nameOf = ({ token }: Template): string => ('name' in token ? String(token.name) : '');

/** Tags that do not even write the blanks in them, when that is all they have; and those that never write. */
const BLOCKS: readonly string[] = ['if', 'unless', 'case', 'for'];
const SILENT: readonly string[] = ['assign', 'capture', 'comment'];
const NOWHERE: Emitter = { buffer: '', write: () => undefined };

function childrenOf(template: Template): readonly Template[] {
  const walk = template.children?.(false, true);
  if (walk === undefined) return [];
  let step = walk.next();
  while (step.done !== true) step = walk.next();
  return step.value;
}

interface LiquidFault {
  readonly message: string;
  readonly errors?: readonly LiquidFault[];
  readonly originalError?: Error;
  readonly token?: { readonly begin: number; readonly end: number };
}

interface Rendering {
  readonly file: SourceFile;
  readonly known: readonly string[];
  readonly mistakes: Mistakes;
  readonly engine: Liquid;
}

function report(error: unknown, rendering: Rendering): void {
  const { file, known, mistakes, engine } = rendering;
  const fault: LiquidFault = error instanceof Error ? error : { message: String(error) };
  if (fault.errors !== undefined) {
    for (const inner of fault.errors) report(inner, rendering);
    return;
  }
  const message = fault.originalError?.message ?? fault.message;
  const { begin, end } = fault.token ?? { begin: 0, end: 0 };
  const { said = message.replace(/(, file:[^,]*)?, line:\d+, col:\d+$/, ''), hint = hintFor(message, known, engine) } = unclosed(message) ?? {};
  mistakes.error({ file, offset: begin, length: Math.max(0, end - begin) }, [], `Liquid: ${said}`, { hint });
}

/** What is not closed; the library repeats the rest of the file. */
function unclosed(message: string): { readonly said: string; readonly hint: string } | undefined {
  if (/^output [^]* not closed/.test(message)) return { said: 'a {{ opens here, and is not closed', hint: 'write }} after the name' };
  if (/^tag "[^]* not closed/.test(message)) return { said: 'a {% opens here, and is not closed', hint: 'write %} at the end of the tag' };
  const block = /^tag (\{%-?\s*(\w+)[^]*) not closed/.exec(message);
  return block === null ? undefined : { said: `${block[1] ?? ''} has no end`, hint: `write # {% end${block[2] ?? ''} %} where it ends` };
}

function hintFor(message: string, known: readonly string[], engine: Liquid): string | undefined {
  const variable = /undefined variable: (.+)$/.exec(message)?.[1];
  if (variable !== undefined) return suggestion(variable, known) ?? `declare it in variables: ${variable}: {type: string}`;
  const tag = /tag "(\w+)" not found/.exec(message)?.[1];
  if (tag !== undefined) return suggestion(tag, Object.keys(engine.tags));
  const filter = /undefined filter: (.+)$/.exec(message)?.[1];
  if (filter !== undefined) return suggestion(filter, Object.keys(engine.filters));
  return /limit exceeded/.test(message) ? 'loop less often, or over less' : undefined;
}

function suggestion(name: string, known: readonly string[]): string | undefined {
  const near = nearest(name, known);
  return near === undefined ? undefined : `did you mean ${near}?`;
}
