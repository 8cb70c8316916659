import type { ErrorObject } from 'ajv';
import { nearest } from '../../model/index.js';
import { COMPOSE_ADVICE } from './compose-advice.js';
import type { Mistakes, Path } from './mistakes.js';
import { isList, isMap, placeOf, type Node } from './node.js';

/** What a schema's validator found, said in words and with places. */
export interface Finding {
  readonly path: Path;
  readonly message: string;
  readonly hint?: string;
  /** The key itself is meant, not its value. */
  readonly isAboutKey: boolean;
  /** A key at the top that nobody knows. */
  readonly isUnknownTop: boolean;
}

interface Subschema {
  readonly errorMessage?: string;
  readonly properties?: Readonly<Record<string, unknown>>;
}

/** More than anybody reads; what follows compares each with each. */
const MOST_ERRORS = 300;

/** The errors of a validator as findings, one for each place: of the branches of an `anyOf`, only the one that was meant. */
export function findings(all: readonly ErrorObject[], what: string): readonly Finding[] {
  const errors = all.slice(0, MOST_ERRORS);
  const branches = errors.filter(({ keyword }) => keyword === 'anyOf');
  const found = new Map<string, Finding>();
  for (const error of errors) {
    const choice = branches.find((candidate) => error !== candidate && error.schemaPath.startsWith(`${candidate.schemaPath}/`) && error.instancePath.startsWith(candidate.instancePath));
    if (choice !== undefined && !isMeant(error, choice, errors)) continue;
    if (error.keyword === 'anyOf' && errors.some((inner) => inner !== error && inner.schemaPath.startsWith(`${error.schemaPath}/`) && inner.instancePath.startsWith(error.instancePath) && isMeant(inner, error, errors))) continue;
    const finding = findingOf(error, what);
    const key = `${finding.path.join('\0')}\0${finding.isAboutKey ? finding.message : ''}`;
    if (!found.has(key)) found.set(key, finding);
  }
  return [...found.values()];
}

/** Of the branches of a choice, the one for maps is meant by a map, and the one for lists by a list. */
function isMeant(error: ErrorObject, choice: ErrorObject, errors: readonly ErrorObject[]): boolean {
  const branch = /\/(\d+)(\/|$)/.exec(error.schemaPath.slice(choice.schemaPath.length))?.[1];
  const isOfWrongKind = errors.some(({ keyword, instancePath, schemaPath }) => keyword === 'type' && instancePath === choice.instancePath && schemaPath === `${choice.schemaPath}/${branch ?? ''}/type`);
  const isConstant = error.keyword === 'const';
  return typeof choice.data === 'object' && choice.data !== null && !isOfWrongKind && !isConstant;
}

function findingOf(error: ErrorObject, what: string): Finding {
  const path = pathOf(error.instancePath);
  const params = error.params as Readonly<Record<string, unknown>>;
  const schema = (error.parentSchema ?? {}) as Subschema;
  switch (error.keyword) {
    case 'additionalProperties': {
      const key = String(params['additionalProperty']);
      const known = Object.keys(schema.properties ?? {});
      const near = nearest(key, known);
      const owner = path.length === 0 ? what : ownerOf(path);
      const advice = owner === 'a service' ? COMPOSE_ADVICE.get(key) : undefined;
      const hint = advice ?? (near === undefined ? `known are ${known.join(', ')}` : `did you mean ${near}?`);
      return { path: [...path, key], message: `"${key}" is not a key of ${owner}`, hint, isAboutKey: true, isUnknownTop: path.length === 0 && what === 'a stack file' };
    }
    case 'required': {
      const key = String(params['missingProperty']);
      return { path: [...path, key], message: `${key} is missing`, ...(path[0] === 'volumes' && key === 'external' ? { hint: 'external: true' } : {}), isAboutKey: true, isUnknownTop: false };
    }
    default: return { path, ...messageOf(error, schema), isAboutKey: false, isUnknownTop: false };
  }
}

/** What is wrong, and what to write: in a schema's own message that stands after a semicolon. */
function messageOf(error: ErrorObject, schema: Subschema): Pick<Finding, 'message' | 'hint'> {
  const [message = '', advice] = (schema.errorMessage ?? ownMessage(error)).split('; ');
  const hint = advice ?? hintFor(error, schema);
  return { message: `${message}, and is ${shown(error.data)}`, ...(hint === undefined ? {} : { hint }) };
}

function ownMessage({ keyword, params, message }: ErrorObject): string {
  const { type, allowedValues, limit, comparison } = params as { type?: string | readonly string[]; allowedValues?: readonly unknown[]; limit?: number; comparison?: string };
  if (keyword === 'enum') return `must be one of ${(allowedValues ?? []).join(', ')}`;
  if (keyword === 'type') return `must be ${wordsFor(type)}`;
  if (limit !== undefined) return `must be ${comparison === '>=' ? 'at least' : 'at most'} ${limit}`;
  return message ?? 'is not valid';
}

/** What to write instead of a value of the wrong kind. */
function hintFor({ keyword, params, data, instancePath }: ErrorObject, { properties }: Subschema): string | undefined {
  if (keyword !== 'type') return undefined;
  const types = [(params as { type?: string | readonly string[] }).type ?? []].flat();
  if (types.includes('object')) return mappingHint(pathOf(instancePath), data, properties);
  if (typeof data === 'string' && types.some((type) => WITHOUT_QUOTES[type]?.test(data))) return `write it without quotes: ${data}`;
  return types.includes('string') && ['number', 'boolean'].includes(typeof data) ? 'write quotes around it' : undefined;
}

const WITHOUT_QUOTES: Readonly<Record<string, RegExp | undefined>> = { integer: /^-?\d+$/, number: /^-?\d+(\.\d+)?$/, boolean: /^(true|false)$/ };
/** A whole item of a list, where a word stands. */
const ITEMS: Readonly<Record<string, (word: string) => string>> = {
  secrets: (word) => `{secret: ${word}, name: ${word.toUpperCase().replaceAll('-', '_')}, type: env}`,
  certificates: (word) => `{subject: ${word}, name: SSL_CERTS, type: env}`,
};

function mappingHint(path: Path, data: unknown, properties: Subschema['properties'] = {}): string | undefined {
  const [section, key = ''] = path;
  if (section === 'services' && path.length === 2 && Object.hasOwn(properties, key)) return 'indent it under the service above';
  const item = ITEMS[String(path.at(-2))];
  return typeof data === 'string' && /^[\w.-]+$/.test(data) ? item?.(data) : undefined;
}

const TYPE_WORDS: Readonly<Record<string, string>> = { string: 'text', integer: 'a whole number', number: 'a number', boolean: 'true or false', array: 'a list', object: 'a mapping', null: 'nothing' };
const wordsFor = (type: string | readonly string[] | undefined): string => [type ?? []].flat().map((one) => TYPE_WORDS[one] ?? one).join(' or ');

/** A value in a message: short, and its kind where that is what matters. */
function shown(value: unknown): string {
  if (value === null || value === undefined) return 'nothing';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'a mapping';
  if (typeof value === 'string') return value.length > 40 ? `the text "${value.slice(0, 40)}…"` : `the text "${value}"`;
  return typeof value === 'number' ? `the number ${value}` : JSON.stringify(value);
}

const OWNERS: Readonly<Record<string, string>> = { services: 'a service', volumes: 'a volume', depends: 'a dependency' };

function ownerOf(path: Path): string {
  const owner = path.length === 2 ? OWNERS[String(path[0])] : undefined;
  return owner ?? path.findLast((part) => !/^\d+$/.test(String(part)))?.toString() ?? 'the file';
}

/** `/services/web/ports/0` as the parts of a path; indexes are words still. */
function pathOf(pointer: string): Path {
  return pointer.split('/').slice(1).map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));
}

/** A path of words as one with numbers where `root` has lists. */
function pathIn(root: Node, path: Path): Path {
  let node: Node | undefined = root;
  return path.map((part) => {
    const index = isList(node) ? Number(part) : undefined;
    node = isList(node) ? node.items[Number(part)] : isMap(node) ? node.entries.get(String(part))?.value : undefined;
    return index ?? part;
  });
}

/** Puts findings among the mistakes, each at its place in the file. */
export function addFindings(found: readonly Finding[], root: Node, base: Path, mistakes: Mistakes): void {
  for (const { path, message, hint, isAboutKey, isUnknownTop } of found) {
    const place = placeOf(root, pathIn(root, path), isAboutKey);
    const where = [...base, ...pathIn(root, path)];
    if (isUnknownTop) mistakes.warn(place, where, message, { hint });
    else mistakes.error(place, where, message, { hint });
  }
}
