import type { Applied, Difference, Progress } from '../../ports/index.js';
import type * as wire from '../gen/kontena/v1/control.js';
import { mistakeFrom, mistakeTo } from './mistakes.js';
import { defined, plain } from './plain.js';
import { oneOf } from './words.js';

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
  kind: oneOf('kind', ['Stack', 'Service', 'Secret', 'Volume'], kind),
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
    case 'overtaken':
      return { event: { $case: 'overtaken', value: progress } };
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
    case 'overtaken':
      return { type: 'overtaken', ...event.value };
    case undefined:
      return undefined;
  }
}
