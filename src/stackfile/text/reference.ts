/** `$NAME` or `${NAME}`, with no `$` beside it; a closing brace that lacks is forgiven, as it always was. */
export const REFERENCE = /(?<!\$)\$(?!\$)(?:\{\w+\}?|\w+)/g;

/** The name that a reference mentions. */
export const nameIn = (reference: string): string => reference.replace(/[${}]/g, '');
