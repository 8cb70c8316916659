import { RE2JS } from 're2js';
import { fullMoment, KontenaError, messageOf } from '../model/index.js';
import type { RingSearch } from '../ports/index.js';
import type { Origin } from './records.js';

/** Whether a line is looked for. A pattern is RE2's, which no pattern and no line can make slow. @throws KON_INVALID for what is no pattern */
export function wantedBy({ round, run, since, grep }: RingSearch): (origin: Origin, text: string) => boolean {
  const pattern = grep === undefined ? undefined : compiled(grep);
  const moment = since === undefined ? '' : fullMoment(since);
  return (origin, text) =>
    origin.at >= moment &&
    (round === undefined || origin.round === round) &&
    (run === undefined || origin.run === run) &&
    (pattern === undefined || pattern.test(text));
}

function compiled(grep: string): RE2JS {
  try {
    return RE2JS.compile(grep);
  } catch (error) {
    throw new KontenaError('KON_INVALID', `"${grep}" is no regular expression (RE2): ${messageOf(error)}`, { cause: error });
  }
}
