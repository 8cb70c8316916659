/** What a variable may be worth. */
export type Value = string | number | boolean | null | readonly Value[];

export const isPresent = (value: Value | undefined): value is Exclude<Value, null> => value !== null && value !== undefined;

/** A value as text, as it is put into a file. */
export const textOfValue = (value: Value): string => (value === null ? '' : typeof value === 'object' ? value.map(textOfValue).join(',') : String(value));
