import { parseService } from '../model/index.js';
import type { Applied, Verb } from '../ports/index.js';
import { jsonFlag, waitFlags } from './flags.js';
import { plainName } from './names.js';
import { Args } from './oclif.js';
import type { Run } from './run.js';
import { concludeDeclaration, tellApplied } from './stacks/index.js';
import { UsageError } from './usage-error.js';

/** Which services or stacks. */
export const several = { name: Args.string({ required: true, description: 'Name; several may be given.' }) };

export const operateFlags = { ...waitFlags, output: jsonFlag() };

interface Operation {
  readonly kind: 'service' | 'stack';
  readonly verb: Verb;
  /** Names as typed. */
  readonly typed: readonly unknown[];
  readonly flags: { readonly wait: boolean; readonly timeout: number; readonly output: 'text' | 'json' };
}

/** What a person does with services, or stacks, that are declared; then it shows how that comes to be. Returns the exit code. */
export async function operate(run: Run, { kind, verb, typed, flags }: Operation): Promise<number> {
  const names = typed.map((word) => nameOf(kind, String(word)));
  const { control, grid } = await run.master();
  const isJson = flags.output === 'json';
  const applied: Applied[] = [];
  for (const name of names) {
    const one = await control[`${kind}s`][verb](grid, name);
    applied.push(one);
    if (!isJson) await tellApplied(run, one, false);
  }
  return concludeDeclaration(run, { applied: newestOf(applied), removed: [], isJson, timeoutMs: flags.wait ? flags.timeout : undefined });
}

function nameOf(kind: Operation['kind'], typed: string): string {
  const name = plainName(kind, typed);
  if (kind === 'service' && parseService(name) === undefined) throw new UsageError(`"${typed}" is not a service: write STACK/SERVICE, like todo/web`);
  return name;
}

/** Of services of one stack, the last that was done: it is followed as a whole. */
const newestOf = (applied: readonly Applied[]): readonly Applied[] => [...new Map(applied.map((one) => [one.name, one])).values()];
