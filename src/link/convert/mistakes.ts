import type { Mistake } from '../../model/index.js';
import type * as wire from '../gen/kontena/v1/control.js';
import { defined } from './plain.js';

export const mistakeTo = (mistake: Mistake): wire.Mistake => mistake;

export const mistakeFrom = ({ severity, ...rest }: wire.Mistake): Mistake => ({
  ...defined(rest),
  severity: severity === 'warning' ? 'warning' : 'error',
});
