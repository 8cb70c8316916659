import type { Fared } from '../../../ports/index.js';
import { defined, orAbsent } from '../../convert/plain.js';
import { pointFrom } from '../../convert/statistics.js';
import type * as wire from '../../gen/kontena/v1/control.js';

export const faredFrom = ({ at, ageMs, silence, everyMs, points }: wire.Fared = { at: '', ageMs: 0, silence: '', everyMs: 0, points: [] }): Fared =>
  defined({ at: orAbsent(at), ageMs: at === '' ? undefined : ageMs, silence: orAbsent(silence), history: everyMs === 0 ? undefined : { everyMs, points: points.map(pointFrom) } });
