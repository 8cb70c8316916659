/** A command line that says nothing this program understands. Exit code 2, as oclif's own complaints. */
export class UsageError extends Error {
  readonly oclif = { exit: 2 };
}
