/** Ended by Ctrl-C, as shells count it: 128 and the number of the signal. */
export const INTERRUPTED = 130;

/** Its reader went away, as shells count it. What `head` has read enough of need not go on. */
export const UNREAD = 141;

/** Something was left with Ctrl-C, before anything was changed. */
export class Interrupted extends Error {
  constructor(message = 'the question was left without an answer; nothing was changed') {
    super(message);
  }
}
