/** Freezes a value that nobody else holds, all the way down. */
export function freeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) value.forEach(freeze);
  else for (const key in value) freeze(value[key]);
  return Object.freeze(value);
}
