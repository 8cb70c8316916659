import { KontenaError, type Mistake } from '../../model/index.js';
import type { Applied, Control, Difference, HistoryItem, ListQuery, Progress, Resource, ResourceKind } from '../../ports/index.js';
import type * as wire from '../gen/kontena/v1/control.js';
import { defined, plain } from './plain.js';

const RESOURCE_KINDS = ['grid', 'node', 'stack', 'service', 'instance', 'secret', 'certificate', 'token', 'credential', 'source'] as const satisfies readonly ResourceKind[];

/** Of a call that names no grid. */
const DEFAULT_GRID = 'default';

export const gridOf = ({ grid }: { readonly grid: string }): string => (grid === '' ? DEFAULT_GRID : grid);

export function resourceKind(text: string): ResourceKind {
  const kind = RESOURCE_KINDS.find((one) => one === text);
  if (kind !== undefined) return kind;
  throw new KontenaError('KON_INVALID', `there is no kind "${text}"; the kinds are ${RESOURCE_KINDS.join(', ')}`);
}

/** One of a closed set of words. */
export function oneOf<const T extends string>(what: string, words: readonly T[], text: string): T {
  const word = words.find((one) => one === text);
  if (word !== undefined) return word;
  throw new KontenaError('KON_INVALID', `${what} is "${text}"; it may be ${words.join(', ')}`);
}

export function listQueryFrom(request: wire.ListRequest): ListQuery {
  const { kind, name, of } = request;
  return { grid: gridOf(request), kind: resourceKind(kind), ...(name === '' ? {} : { name }), ...(of === '' ? {} : { of }) };
}

export const listQueryTo = ({ grid, kind, name, of }: ListQuery): wire.ListRequest => ({ grid, kind, name: name ?? '', of: of ?? '' });

export const resourceTo = (resource: Resource): wire.Resource => ({ ...resource, spec: plain(resource.spec), status: plain(resource.status) });

export const resourceFrom = ({ spec, status, ...rest }: wire.Resource): Resource => ({ ...rest, spec: spec ?? {}, status: status ?? {} });

export const mistakeTo = (mistake: Mistake): wire.Mistake => mistake;

export const mistakeFrom = ({ severity, ...rest }: wire.Mistake): Mistake => ({
  ...defined(rest),
  severity: severity === 'warning' ? 'warning' : 'error',
});

export const appliedTo = ({ name, revision, differences, warnings }: Applied): wire.Applied => ({
  name,
  revision,
  differences: differences.map(({ fields, ...rest }) => ({ ...rest, fields: fields.map(({ path, from, to }) => ({ path, ...plain({ from, to }) })) })),
  warnings: warnings.map(mistakeTo),
});

export const appliedFrom = ({ name, revision, differences, warnings }: wire.Applied): Applied => ({
  name,
  revision,
  differences: differences.map(differenceFrom),
  warnings: warnings.map(mistakeFrom),
});

const differenceFrom = ({ kind, name, action, fields, replaces }: wire.Difference): Difference => ({
  kind: oneOf('kind', ['Stack', 'Service', 'Secret'], kind),
  name,
  action: oneOf('action', ['create', 'update', 'delete'], action),
  fields: fields.map(({ path, from, to }: { path: string; from?: unknown; to?: unknown }) => ({ path, from, to })),
  replaces,
});

export function progressTo(progress: Progress): wire.Progress {
  switch (progress.type) {
    case 'instance':
      return { event: { $case: 'instance', value: progress } };
    case 'service':
      return { event: { $case: 'service', value: progress } };
    case 'done':
      return { event: { $case: 'done', value: {} } };
    case 'failed':
      return { event: { $case: 'failed', value: { ...progress, output: [...progress.output] } } };
  }
}

/** Undefined for an event of a newer master. */
export function progressFrom({ event }: wire.Progress): Progress | undefined {
  switch (event?.$case) {
    case 'instance':
      return { type: 'instance', ...defined(event.value) };
    case 'service':
      return { type: 'service', ...defined(event.value) };
    case 'done':
      return { type: 'done' };
    case 'failed':
      return { type: 'failed', ...defined(event.value) };
    case undefined:
      return undefined;
  }
}

export const historyItemTo = ({ spec, ...rest }: HistoryItem): wire.HistoryItem => ({ ...rest, spec: spec === undefined ? undefined : plain(spec) });

export const historyItemFrom = ({ spec, action, ...rest }: wire.HistoryItem): HistoryItem => ({
  ...rest,
  action: oneOf('action', ['create', 'update', 'delete'], action),
  spec,
});

type LookUp = Awaited<ReturnType<Control['lookUp']>>;

const LOOKUP_KINDS = ['records', 'none', 'unknown', 'elsewhere'] as const;

export const lookUpTo = ({ askedNode, name, kind, because, addresses, instances }: LookUp): wire.LookUpResponse => ({
  node: askedNode, name, kind, because, addresses: [...addresses], instances: instances.map(({ whyNot = '', ...rest }) => ({ ...rest, whyNot })),
});

export const lookUpFrom = ({ node, name, kind, because, addresses, instances }: wire.LookUpResponse): LookUp => ({
  askedNode: node, name, kind: oneOf('kind', LOOKUP_KINDS, kind), because, addresses,
  instances: instances.map(({ whyNot, ...rest }) => ({ ...rest, ...(whyNot === '' ? {} : { whyNot }) })),
});
