/** Ended by Ctrl-C, as shells count it: 128 and the number of the signal. */
export const INTERRUPTED = 130;
