/** Whether two bodies say the same. A property that is undefined counts as absent, as JSON has it; order of keys does not count. */
export function sameBody(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (Array.isArray(a) || Array.isArray(b)) {
    return Array.isArray(a) && Array.isArray(b) && a.length === b.length && a.every((item, i) => sameBody(item, b[i]));
  }
  return sameProperties(a as Properties, b as Properties);
}

type Properties = Readonly<Record<string, unknown>>;

function sameProperties(a: Properties, b: Properties): boolean {
  for (const key in a) if (!sameBody(a[key], b[key])) return false;
  for (const key in b) if (b[key] !== undefined && a[key] === undefined) return false;
  return true;
}

/** Freezes a value that nobody else holds, all the way down. */
export function freeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) value.forEach(freeze);
  else for (const key in value) freeze(value[key]);
  return Object.freeze(value);
}
