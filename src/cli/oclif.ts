/** The parts of oclif that every command needs. Its index would load the rest as well: the help, the updater's settings, the runner. */
import * as oclifArgs from '@oclif/core/args';

export { Command } from '@oclif/core/command';
export { Config } from '@oclif/core/config';
export * as Flags from '@oclif/core/flags';

/**
 * Arguments are words of the command line. Left to itself, oclif reads a missing one from stdin: in a loop over lines that is
 * the loop's own input, and for `vault import` it is the secrets.
 */
export const Args = {
  string: oclifArgs.custom({ ignoreStdin: true }),
  integer: oclifArgs.integer,
};
