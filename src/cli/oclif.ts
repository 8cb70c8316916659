/** The parts of oclif that every command needs. Its index would load the rest as well: the help, the updater's settings, the runner. */
export * as Args from '@oclif/core/args';
export { Command } from '@oclif/core/command';
export { Config } from '@oclif/core/config';
export * as Flags from '@oclif/core/flags';
