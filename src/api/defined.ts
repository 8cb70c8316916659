/** The object without its keys that hold `undefined`: what JSON would make of it, so that equal things compare equal. */
export function defined(object: object): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(object as Readonly<Record<string, unknown>>).filter(([, value]) => value !== undefined));
}
