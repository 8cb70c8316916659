/** Why a container is not running that ended: in words for whoever reads it. */
export function reasonOfEnd(exitCode: number | undefined): string {
  if (exitCode === undefined) return 'it failed';
  return exitCode === 0 ? ENDED_WELL : `ended with exit code ${exitCode}`;
}

/** Of a program that did what it was there for, or went to the background: nothing failed, and it is started for ever. */
const ENDED_WELL = 'the program ended by itself with exit code 0; a service is kept running, so it is started again: let it stay in the foreground';
