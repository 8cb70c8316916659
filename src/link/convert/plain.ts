/** The same object without the members that are undefined: protobuf has "absent", and so has exact TypeScript. */
export type Defined<T> = { [K in keyof T]: Exclude<T[K], undefined> };

export const defined = <T extends object>(value: T): Defined<T> =>
  Object.fromEntries(Object.entries(value).filter(([, member]) => member !== undefined)) as Defined<T>;

/** Protobuf's empty text as what it means. */
export const orAbsent = (text: string): string | undefined => (text === '' ? undefined : text);

/** As JSON has it: what a Struct can carry. */
export const plain = (value: unknown): Record<string, unknown> => JSON.parse(JSON.stringify(value)) as Record<string, unknown>;
