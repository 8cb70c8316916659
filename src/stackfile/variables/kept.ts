import type { StackSpec } from '../../model/index.js';
import type { Value } from './value.js';

/** Where a value came from that no file says: given by a person with the command, or by one of these ways of `from`. */
export type Origin = 'given' | (typeof KEPT_WAYS)[number];

/** Ways whose values are kept with the stack: who was asked once is not asked again, and lots are drawn once. */
const KEPT_WAYS = ['prompt', 'service_link', 'certificates', 'vault_cert_prompt', 'random_string', 'random_number', 'random_uuid'] as const;

/** A value that a stack has in the grid, and where it came from. */
export interface Kept {
  readonly value: Value;
  readonly origin: string;
}

export const originOf = (way: string): Origin | undefined => KEPT_WAYS.find((kept) => kept === way);

/**
 * What of an installed stack's values stays when its file is read again. All else the file says anew.
 *
 * @param which `drawn`: by lot alone, where the file is the declared state and no person takes part
 */
export function keptValues({ variables, variableOrigins = {} }: Pick<StackSpec, 'variables' | 'variableOrigins'>, which: 'all' | 'drawn'): Readonly<Record<string, Kept>> {
  const entries = Object.entries(variableOrigins).flatMap(([name, origin]): readonly (readonly [string, Kept])[] => {
    const value = variables[name];
    return isValue(value) && (which === 'all' || origin.startsWith('random_')) ? [[name, { value, origin }]] : [];
  });
  return Object.fromEntries(entries);
}

const isValue = (value: unknown): value is Value =>
  ['string', 'number', 'boolean'].includes(typeof value) || (Array.isArray(value) && value.every(isValue));
