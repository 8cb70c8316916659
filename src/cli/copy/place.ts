import { UsageError } from '../usage-error.js';

/** One end of a copy: a path of this machine, or of an instance; `-` is a tar on stdin or stdout. */
export type Place =
  | { readonly kind: 'here'; readonly path: string }
  | { readonly kind: 'inside'; readonly name: string; readonly path: string }
  | { readonly kind: 'tar' };

/** `todo/web.1:/etc/hosts`. A path of this machine that looks so is written `./todo/web.1:/etc/hosts`. */
const INSIDE = /^((?:[A-Za-z0-9][\w-]*\/)+[A-Za-z0-9][\w.@-]*):(.*)$/;

/** @throws UsageError for a path of a container that does not begin with / */
export function parsePlace(text: string): Place {
  if (text === '-') return { kind: 'tar' };
  const [, name, path] = INSIDE.exec(text) ?? [];
  if (name === undefined || path === undefined) return { kind: 'here', path: text };
  if (!path.startsWith('/')) throw new UsageError(`"${text}" names no path of a container: that begins with /, as in ${name}:/etc/hosts`);
  return { kind: 'inside', name, path };
}
