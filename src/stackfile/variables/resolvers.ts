import { child, entriesOf, exactValue, isList, isMap, plainOf, plainText, textOf, wordOf, type Node } from '../text/node.js';
import { nameIn, REFERENCE } from '../text/reference.js';
import { partsHold, type ValueOf } from './conditions.js';
import type { Definition, Way } from './definition.js';
import { evaluate } from './evaluate.js';
import type { Outside, Question } from './outside.js';
import { randomNumber, randomText, randomUuid } from './random.js';
import { choicesOf, judge, sanitise } from './types.js';
import { textOfValue, type Value } from './value.js';

/** What a resolver knows. A resolver throws a RangeError to say what is wrong with its hint. */
export interface Asking {
  readonly definition: Definition;
  readonly way: Way;
  readonly outside: Outside;
  readonly stack: string;
  readonly valueOf: ValueOf;
}

type Resolver = (asking: Asking) => Promise<Value | undefined> | Value | undefined;

/** The hint as text: the name of the variable when only the resolver is named. */
const hintText = ({ way: { hint }, definition: { name } }: Asking): string => (hint === undefined ? name : wordOf(hint));

const RESOLVERS: Readonly<Record<string, Resolver>> = {
  env: ({ outside, definition, way }) => {
    const name = environmentName(definition, way, outside.environment);
    return name === undefined ? undefined : environmentValue(outside.environment[name] ?? '');
  },
  prompt: (asking) => prompt(asking),
  vault: async (asking) => {
    const name = hintText(asking);
    if (name.trim() === '' || asking.way.hint?.kind === 'map') throw new RangeError('needs the name of a secret');
    return asking.outside.cluster?.secret(name);
  },
  file: fileText,
  random_string: ({ way: { hint }, outside }) => {
    const length = hint?.kind === 'scalar' ? plainOf(hint) : plainOf(child(hint, 'length') ?? NOTHING(hint));
    const charset = child(hint, 'charset');
    if (length === null) throw new RangeError('needs a length, or a map with length and charset');
    return randomText(Number(length), charset === undefined ? 'alphanumeric' : wordOf(charset), outside.random);
  },
  random_number: ({ way: { hint }, outside }) => {
    const [min, max] = ['min', 'max'].map((key) => Number(plainOf(child(hint, key) ?? NOTHING(hint)) ?? NaN));
    if (min === undefined || max === undefined || !Number.isInteger(min) || !Number.isInteger(max) || max < min) throw new RangeError('needs a map with min and max, min not above max');
    return randomNumber(min, max, outside.random);
  },
  random_uuid: ({ outside }) => randomUuid(outside.random),
  variable: async (asking) => {
    const value = await asking.valueOf(hintText(asking), asking.way.hint ?? NOTHING(undefined));
    return value;
  },
  evaluate: async (asking) => evaluate(await filled(asking)),
  interpolate: async (asking) => filled(asking),
  condition: ({ way: { hint }, valueOf }) => condition(hint, valueOf),
  service_instances: async (asking) => asking.outside.cluster?.instances(asking.stack, hintText(asking)),
  service_link: serviceLink,
  certificates: async (asking) => many(asking, 'Select SSL certificates', (await asking.outside.cluster?.certificates()) ?? []),
  vault_cert_prompt: async (asking) => many(asking, 'Select SSL certs', ((await asking.outside.cluster?.secretNames()) ?? []).filter((name) => /ssl|cert/i.test(name))),
};

export const resolverNames: readonly string[] = Object.keys(RESOLVERS);
export const resolverOf = (name: string): Resolver | undefined => (Object.hasOwn(RESOLVERS, name) ? RESOLVERS[name] : undefined);

const NOTHING = (near: Node | undefined): Node => ({ kind: 'scalar', at: near?.at ?? { file: { name: '', text: '' }, offset: 0, length: 0 }, value: null, isFloat: false, isPlain: true });

/** The first name of `env:` that the environment has; undefined when it has none of them. */
export function environmentName({ name: own }: Definition, { hint }: Way, environment: Outside['environment']): string | undefined {
  const names = isList(hint) ? hint.items.map(wordOf) : [hint === undefined ? own : wordOf(hint)];
  return names.find((name) => Object.hasOwn(environment, name) && environment[name] !== undefined);
}

/** A text of the environment, as the original took it. */
function environmentValue(text: string): Value {
  if (/^\d+$/.test(text)) return Number(text);
  if (text === 'true' || text === 'false') return text === 'true';
  return text === 'null' || text === 'nil' ? null : text;
}

async function fileText(asking: Asking): Promise<Value> {
  const { way: { hint }, outside } = asking;
  const path = isMap(hint) ? textOf(child(hint, 'path')) : hintText(asking);
  if (path === undefined) throw new RangeError('needs a path, or a map with path');
  const text = await outside.readFile(path);
  const mayBeMissing = plainOf(child(hint, 'ignore_errors') ?? NOTHING(hint)) === true;
  if (text === undefined && !mayBeMissing) throw new RangeError(`cannot read the file ${path}`);
  return text ?? null;
}

/** The hint with every `$name` replaced. */
async function filled(asking: Asking): Promise<string> {
  const template = hintText(asking);
  let text = '';
  let done = 0;
  for (const match of template.matchAll(REFERENCE)) {
    const name = nameIn(match[0]);
    const value = await asking.valueOf(name, asking.way.hint ?? NOTHING(undefined));
    if (value === null || value === undefined) throw new RangeError(`has no value for ${name}; the order of variables matters`);
    text += template.slice(done, match.index) + textOfValue(value);
    done = match.index + match[0].length;
  }
  return (text + template.slice(done)).replaceAll('$$', '$');
}

async function condition(hint: Node | undefined, valueOf: ValueOf): Promise<Value | undefined> {
  if (!isList(hint)) throw new RangeError('needs a list of {if: …, then: …} and {else: …}');
  for (const item of hint.items) {
    const otherwise = child(item, 'else');
    if (otherwise !== undefined) return simple(otherwise);
    const when = child(item, 'if') ?? child(item, 'elsif') ?? child(item, 'elseif');
    const then = child(item, 'then');
    if (when === undefined || then === undefined) throw new RangeError(`has a part without if and then, or else: it has ${entriesOf(item).map(({ key }) => key).join(', ') || 'nothing'}`);
    if ((await partsHold(when, valueOf)).every(Boolean)) return simple(then);
  }
  return undefined;
}

function simple(node: Node): Value {
  if (node.kind === 'scalar') return exactValue(node);
  return isList(node) ? node.items.map(simple) : null;
}

function prompt(asking: Asking): Promise<Value | undefined> {
  const question = questionOf(asking); // before anybody is looked for: a question that is none is a mistake in a pipe too
  return asking.outside.prompter?.ask(question) ?? Promise.resolve(undefined);
}

function questionOf(asking: Asking): Question {
  const { definition, way: { hint: question } } = asking;
  const { name, type, label, options } = definition;
  if (question !== undefined && question.kind !== 'scalar') throw new RangeError('needs a question, like prompt: Your name');
  const hint = hintText(asking).trim();
  const verb = type === 'enum' ? 'Select' : type === 'boolean' ? 'Enable' : 'Enter';
  const text = `${hint === name || hint === '' ? `${verb} ${label}` : hint} :`;
  const fallback = options['default'];
  const given = fallback === undefined || fallback === null ? {} : { default: Array.isArray(fallback) ? fallback.join(',') : plainText(fallback) };
  if (type === 'enum') return { kind: 'choice', variable: name, text, choices: choicesOf(options['options']), mayBeOther: options['can_be_other'] === true, ...given };
  if (type === 'boolean') return { kind: 'yes-or-no', variable: name, text, default: given.default !== 'false' };
  return { kind: 'text', variable: name, text, isSecret: options['echo'] === false, wrong: (answer) => wrongAnswer(answer, definition), ...given };
}

/** Nothing is no wrong answer: the value may come from elsewhere, and is judged in the end. */
function wrongAnswer(answer: string, definition: Definition): string | undefined {
  if (answer === '') return undefined;
  const isSecret = definition.options['echo'] === false;
  const made = sanitise(answer, definition, isSecret);
  return 'value' in made ? judge(made.value, definition, isSecret)[0] : made.wrong;
}

async function serviceLink(asking: Asking): Promise<Value | undefined> {
  const { way: { hint }, outside, definition } = asking;
  const text = textOf(child(hint, 'prompt')) ?? textOf(child(hint, 'hint'));
  if (text === undefined) throw new RangeError('needs a map with prompt');
  const [byName, byImage] = [textOf(child(hint, 'name')), textOf(child(hint, 'image'))];
  const services = ((await outside.cluster?.services()) ?? []).filter(({ name, image }) => name.includes(byName ?? '') && image.includes(byImage ?? ''));
  if (services.length === 0) return undefined;
  const none = definition.isRequired ? [] : [{ value: '', label: '<none>' }];
  const choices = [...none, ...services.map(({ name }) => ({ value: name, label: name.replace(/^null\//, '') }))];
  const answer = await outside.prompter?.ask({ kind: 'choice', variable: definition.name, text, choices, mayBeOther: false });
  return answer === '' ? undefined : answer;
}

async function many(asking: Asking, text: string, names: readonly string[]): Promise<Value | undefined> {
  if (names.length === 0) return undefined;
  const { way: { hint }, definition, outside } = asking;
  const choices = names.map((name) => ({ value: name, label: name }));
  return outside.prompter?.ask({ kind: 'many', variable: definition.name, text: textOf(hint) ?? text, choices });
}
