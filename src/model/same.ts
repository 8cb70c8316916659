/** Whether two values say the same, as JSON would: a property that is undefined counts as absent, and the order of keys says nothing. */
export function isSame(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (Array.isArray(a) || Array.isArray(b)) {
    return Array.isArray(a) && Array.isArray(b) && a.length === b.length && a.every((item, i) => isSame(item, b[i]));
  }
  return hasSameProperties(a as Properties, b as Properties);
}

type Properties = Readonly<Record<string, unknown>>;

function hasSameProperties(a: Properties, b: Properties): boolean {
  for (const key in a) if (!isSame(a[key], b[key])) return false;
  for (const key in b) if (b[key] !== undefined && a[key] === undefined) return false;
  return true;
}
