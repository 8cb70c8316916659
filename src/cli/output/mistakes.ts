import type { Mistake } from '../../model/index.js';
import type { Sink } from '../host.js';
import type { Colours } from './colour.js';

interface View {
  readonly sink: Sink;
  readonly colours: Colours;
  /** Texts of the files, by name. */
  readonly sources: ReadonlyMap<string, string>;
}

/** Mistakes for people: on a terminal with the line and a marker under the word, in a pipe one line each. */
export async function renderMistakes(mistakes: readonly Mistake[], { sink, colours, sources }: View): Promise<readonly string[]> {
  if (mistakes.length === 0) return [];
  if (!sink.isTerminal) return mistakes.map((mistake) => line(mistake, colours));
  const { formatMistakes } = await import('../../stackfile/index.js');
  return formatMistakes(mistakes, { source: (file) => sources.get(file), colour: colours.isColorSupported, columns: sink.columns }).split('\n');
}

/** `file:line:column  path  what is wrong  what to write instead`. */
function line({ severity, file, line: row, column, path, message, hint }: Mistake, colours: Colours): string {
  const place = [file, row, column].filter((part) => part !== undefined).join(':');
  const says = severity === 'warning' ? `${colours.yellow('warning:')} ${message}` : message;
  return [place, path, says, hint ?? ''].filter((part) => part !== '').join('  ');
}
