import { type ErrorCode, KontenaError, messageOf } from '../model/index.js';

/** How the kernel's refusals sound through `ip`, `wg`, `nft`, `iptables` and `wireguard-go`. The first that fits counts. */
const SIGNS: readonly (readonly [RegExp, ErrorCode])[] = [
  [/\/dev\/net\/tun|CreateTUN|create TUN/i, 'KON_TUN_MISSING'],
  [/address already in use/i, 'KON_TUNNEL_PORT_TAKEN'],
  [/not permitted|permission denied|you must be root/i, 'KON_NETWORK_FORBIDDEN'],
];

/** Longest piece of a command that a sentence repeats: sets of peers are long. */
const COMMAND_LENGTH = 120;

/** What it means that a program failed. @param command as it was called @param said what it wrote to its standard error */
export function programFailure(command: string, said: string): KontenaError {
  const reason = conclusion(said);
  const code = SIGNS.find(([sign]) => sign.test(said))?.[1] ?? 'KON_NETWORK_REFUSED';
  const shown = command.length > COMMAND_LENGTH ? `${command.slice(0, COMMAND_LENGTH)}…` : command;
  return new KontenaError(code, `\`${shown}\` failed: ${reason}`);
}

/** What it means that a program cannot even be started. */
export function missingProgram(program: string, cause: Error): KontenaError {
  const why = 'code' in cause && cause.code === 'ENOENT' ? 'is not installed' : `cannot be started: ${messageOf(cause)}`;
  return new KontenaError('KON_NETWORK_TOOL_MISSING', `the program ${program} ${why}`, { cause });
}

/** `nft` says first what is wrong and then shows where; the others explain first and conclude last. */
function conclusion(said: string): string {
  const lines = said.split('\n').map((line) => line.replace(/^(DEBUG|ERROR|INFO): \([^)]*\) [\d/]+ [\d:]+ /, '').trim()).filter((line) => line !== '' && !/^[│┌└]/.test(line));
  return lines.find((line) => /\bError: /.test(line)) ?? lines.at(-1) ?? 'it said nothing';
}
