import type { Entry } from '../model/index.js';
import type { View } from '../ports/index.js';
import { notFound } from './not-found.js';
import { requireGrid } from './require-grid.js';

/** @throws KontenaError KON_NOT_FOUND */
export function requireNode(name: string, view: View): Entry<'Node'> {
  requireGrid(view);
  const entry = view.get('Node', name);
  if (entry === undefined) throw notFound({ what: 'node', typed: name, grid: view.grid, known: view.list('Node').map((node) => node.name) });
  return entry;
}
