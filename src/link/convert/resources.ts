import { KontenaError } from '../../model/index.js';
import { type HistoryItem, type ListQuery, type Resource, RESOURCE_KINDS, type ResourceKind } from '../../ports/index.js';
import type * as wire from '../gen/kontena/v1/control.js';
import { plain } from './plain.js';
import { gridOf, oneOf } from './words.js';

export function resourceKind(text: string): ResourceKind {
  const kind = RESOURCE_KINDS.find((one) => one === text);
  if (kind !== undefined) return kind;
  throw new KontenaError('KON_INVALID', `there is no kind "${text}"; the kinds are ${RESOURCE_KINDS.join(', ')}`);
}

export function listQueryFrom(request: wire.ListRequest): ListQuery {
  const { kind, name, of } = request;
  return { grid: gridOf(request), kind: resourceKind(kind), ...(name === '' ? {} : { name }), ...(of === '' ? {} : { of }) };
}

export const listQueryTo = ({ grid, kind, name, of }: ListQuery): wire.ListRequest => ({ grid, kind, name: name ?? '', of: of ?? '' });

export const resourceTo = (resource: Resource): wire.Resource => ({ ...resource, spec: plain(resource.spec), status: plain(resource.status) });

export const resourceFrom = ({ spec, status, ...rest }: wire.Resource): Resource => ({ ...rest, spec: spec ?? {}, status: status ?? {} });

export const historyItemTo = ({ spec, ...rest }: HistoryItem): wire.HistoryItem => ({ ...rest, spec: spec === undefined ? undefined : plain(spec) });

export const historyItemFrom = ({ spec, action, ...rest }: wire.HistoryItem): HistoryItem => ({
  ...rest,
  action: oneOf('action', ['create', 'update', 'delete'], action),
  spec,
});
