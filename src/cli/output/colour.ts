import pico from 'picocolors';
import type { Sink } from '../host.js';

type Env = Readonly<Record<string, string | undefined>>;

/** Paints text; a no-op where nobody would see it as colour. */
export type Colours = ReturnType<typeof pico.createColors>;

/** Colour only on a terminal, and never with NO_COLOR or a dumb one. */
export const coloursFor = (sink: Sink, env: Env): Colours =>
  pico.createColors(sink.isTerminal && (env.NO_COLOR === undefined || env.NO_COLOR === '') && env.TERM !== 'dumb');
