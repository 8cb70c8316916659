/** Of a question that is answered at once, or not at all. */
export const never = new AbortController().signal;
