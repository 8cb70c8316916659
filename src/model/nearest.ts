/** The name of `known` that `name` was most likely meant to be; undefined when none is near. */
export function nearest(name: string, known: Iterable<string>): string | undefined {
  const wanted = plain(name);
  const most = Math.max(1, Math.floor(wanted.length / 3));
  let best: { readonly name: string; readonly distance: number } | undefined;
  for (const candidate of known) {
    const distance = plain(candidate) === wanted ? 0 : editDistance(wanted, plain(candidate), most);
    if (distance <= most && (best === undefined || distance < best.distance)) best = { name: candidate, distance };
  }
  return best?.name;
}

const plain = (name: string): string => name.toLowerCase().replace(/[-_\s]/g, '');

/** Letters to insert, delete, replace or swap with their neighbour; counting ends beyond `most`. */
function editDistance(one: string, other: string, most: number): number {
  if (Math.abs(one.length - other.length) > most || one.length > 64) return most + 1;
  let older: number[] = [];
  let old = Array.from({ length: other.length + 1 }, (_, index) => index);
  for (let row = 1; row <= one.length; row += 1) {
    const current = [row];
    for (let column = 1; column <= other.length; column += 1) {
      const changed = at(old, column - 1) + (one[row - 1] === other[column - 1] ? 0 : 1);
      const swapped = row > 1 && one[row - 1] === other[column - 2] && one[row - 2] === other[column - 1] ? at(older, column - 2) + 1 : Infinity;
      current.push(Math.min(at(old, column) + 1, at(current, column - 1) + 1, changed, swapped));
    }
    older = old;
    old = current;
  }
  return at(old, other.length);
}

const at = (row: readonly number[], column: number): number => row[column] ?? Infinity;
