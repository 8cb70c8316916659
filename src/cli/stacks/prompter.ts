import type { Prompter } from '../../stackfile/index.js';
import type { Host } from '../host.js';

/** Asks the person at the terminal for values of variables. */
export const prompterFor = (host: Host): Prompter => ({ ask: (question) => host.ask(question) });
