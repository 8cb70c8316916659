/** The command line. oclif lives here: one file per command, one place that prints. */
export { COMMANDS } from './commands/index.js';
export { realHost } from './host.js';
export { loadHelp, runCommandLine } from './main.js';
