import { createHash } from 'node:crypto';
import { containerPart, parseService, serviceName, type ServiceSpec, type StackBody } from '../model/index.js';
import type { Difference } from '../ports/index.js';
import { wholeService } from '../stackfile/index.js';

type Field = Difference['fields'][number];

/**
 * What differs between two values, by path (`deploy.min_health`, `ports[0]`, `environment.MODE`).
 * Lists of `NAME=value` are compared by name. Absent and `undefined` are the same.
 */
export function fieldDifferences(from: unknown, to: unknown, path = ''): readonly Field[] {
  if (Object.is(from, to)) return [];
  const before = isTable(from) ? from : undefined;
  const after = isTable(to) ? to : undefined;
  if (before !== undefined && after !== undefined) return eachKey(before, after, (key) => (path === '' ? key : `${path}.${key}`));
  if (Array.isArray(from) && Array.isArray(to)) return listDifferences(from, to, path);
  return [{ path, from, to }];
}

type Table = Readonly<Record<string, unknown>>;

const isTable = (value: unknown): value is Table => typeof value === 'object' && value !== null && !Array.isArray(value);

const eachKey = (before: Table, after: Table, name: (key: string) => string): readonly Field[] =>
  [...new Set([...Object.keys(before), ...Object.keys(after)])].flatMap((key) => fieldDifferences(before[key], after[key], name(key)));

function listDifferences(from: readonly unknown[], to: readonly unknown[], path: string): readonly Field[] {
  const before = byVariable(from);
  const after = byVariable(to);
  if (before !== undefined && after !== undefined) {
    const fields = eachKey(before, after, (key) => `${path}.${key}`);
    return fields.length > 0 || from.every((item, at) => item === to[at]) ? fields : [{ path, from, to }];
  }
  return Array.from({ length: Math.max(from.length, to.length) }).flatMap((_, at) => fieldDifferences(from[at], to[at], `${path}[${at}]`));
}

/** `['A=1', 'B=2']` → `{A: '1', B: '2'}`; undefined for any other list, and for one that names a variable twice. */
function byVariable(list: readonly unknown[]): Table | undefined {
  const pairs = new Map<string, string>();
  for (const item of list) {
    const sign = typeof item === 'string' ? item.indexOf('=') : -1;
    if (sign < 1 || typeof item !== 'string' || pairs.has(item.slice(0, sign))) return undefined;
    pairs.set(item.slice(0, sign), item.slice(sign + 1));
  }
  return Object.fromEntries(pairs);
}

/** The services of a stack as they are to run: with the numbers that people set by hand. */
export const effectiveServices = ({ spec, scaled }: StackBody): Readonly<Record<string, ServiceSpec>> =>
  Object.fromEntries(
    Object.entries(spec.services).map(([name, service]) => [name, { ...service, instances: scaled[name] ?? service.instances }]),
  );

/** What recording `after` in place of `before` changes: the stack itself first, then its services in order of name. */
export function stackDifferences(name: string, before: StackBody | undefined, after: StackBody | undefined): readonly Difference[] {
  const was = before === undefined ? {} : effectiveServices(before);
  const is = after === undefined ? {} : effectiveServices(after);
  const services = [...new Set([...Object.keys(was), ...Object.keys(is)])].sort();
  return [
    ...ofStack(name, before, after),
    ...services.flatMap((service) => ofService(serviceName(name, service), versionOf(service, was, before), versionOf(service, is, after))),
  ];
}

function ofStack(name: string, before: StackBody | undefined, after: StackBody | undefined): readonly Difference[] {
  if (before === undefined || after === undefined) {
    if (before === after) return [];
    return [{ kind: 'Stack', name, action: before === undefined ? 'create' : 'delete', fields: [], replaces: false }];
  }
  const fields = fieldDifferences(withoutServices(before), withoutServices(after));
  return fields.length === 0 ? [] : [{ kind: 'Stack', name, action: 'update', fields, replaces: false }];
}

function withoutServices({ spec, origin }: StackBody): Table {
  const { services: _services, source, ...rest } = spec;
  return { ...rest, source: source === undefined ? undefined : fingerprint(source), origin };
}

/** The text of a file is told apart, not shown: differences are read by people. */
const fingerprint = (text: string): string => `sha256:${createHash('sha256').update(text).digest('hex').slice(0, 12)}`;

/** In the words of the stack file; where it has the same words for both, such as for versions of what is opened, in those of the record. */
function specDifferences(name: string, before: ServiceSpec, after: ServiceSpec): readonly Field[] {
  const stack = parseService(name)?.stack ?? '';
  const fields = fieldDifferences(wholeService(before, stack), wholeService(after, stack));
  return fields.length > 0 ? fields : fieldDifferences(before, after);
}

/** What is said of a service beside what it is. */
const BESIDE = ['attempt', 'state', 'round'] as const;

/** A service as it is to run, in which attempt and round, and whether it is to run at all. */
interface Version {
  readonly spec: ServiceSpec;
  readonly attempt: number;
  readonly state: 'running' | 'stopped';
  readonly round: number;
}

function versionOf(name: string, services: Readonly<Record<string, ServiceSpec>>, body: StackBody | undefined): Version | undefined {
  const spec = services[name];
  return spec === undefined ? undefined : { spec, attempt: (body?.retries?.[name] ?? 0) + 1, state: body?.stopped?.includes(name) === true ? 'stopped' : 'running', round: (body?.rounds?.[name] ?? 0) + 1 };
}

function ofService(name: string, before: Version | undefined, after: Version | undefined): readonly Difference[] {
  if (before === undefined && after === undefined) return [];
  if (before === undefined || after === undefined) {
    const fields = after === undefined ? [] : (['image', 'instances'] as const).map((path) => ({ path, from: undefined, to: after.spec[path] }));
    return [{ kind: 'Service', name, action: before === undefined ? 'create' : 'delete', fields, replaces: false }];
  }
  const fields = [...specDifferences(name, before.spec, after.spec), ...BESIDE.flatMap((path) => fieldDifferences(before[path], after[path], path))];
  if (fields.length === 0) return [];
  const replaces = before.attempt !== after.attempt || before.round !== after.round || fieldDifferences(containerPart(before.spec), containerPart(after.spec)).length > 0;
  return [{ kind: 'Service', name, action: 'update', fields, replaces }];
}
