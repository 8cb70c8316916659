import { TraceWriter, type TracedText } from './source.js';

/**
 * The same YAML with more spaces before lines that go on with a quoted text or with what stands in brackets: YAML 1.1
 * lets them begin anywhere, the parser wants them deeper than what they are the value of. Undefined when all of them are.
 */
export function indented(source: TracedText): TracedText | undefined {
  const lines = [...shallowLines(source.text)];
  if (lines.length === 0) return undefined;
  const writer = new TraceWriter(source.file);
  let done = 0;
  for (const { at, missing } of lines) {
    writer.append(source, done, at);
    const { offset } = source.place(at, at);
    writer.insert(' '.repeat(missing), offset, offset);
    done = at;
  }
  writer.append(source, done, source.text.length);
  return writer.done();
}

interface ShallowLine {
  /** Where the line begins. */
  readonly at: number;
  /** Spaces that it lacks. */
  readonly missing: number;
}

/** Dashes, a key if there is one, anchors and tags: what stands before the value of a line. */
const BEFORE_VALUE = /^((?: *- +)*) *((?:"(?:[^"\\\n]|\\.)*"|'[^'\n]*'|[^\s"'[{#][^\n]*?) *:(?=\s|$))?[ \t]*(?:[&!]\S*[ \t]+)*/;

function* shallowLines(text: string): Generator<ShallowLine> {
  let at = 0;
  /** Lines deeper than this go on with a plain or a block text, whatever they hold. */
  let body = Infinity;
  while (at < text.length) {
    const end = lineEnd(text, at);
    const line = text.slice(at, end);
    const column = line.search(/[^ ]/);
    at = end + 1;
    if (column === -1 || line[column] === '#' || column > body) continue;
    const { own, outer, value } = parts(line, column);
    body = /^($|[#"'[{])/.test(value) ? Infinity : outer;
    if (!/^["'[{]/.test(value)) continue;
    const closed = closing(text, end - value.length);
    at = lineEnd(text, closed) + 1;
    yield* linesAfter(text, { from: end + 1, to: closed, deeperThan: own });
  }
}

interface Parts {
  /** Column after the dashes. */
  readonly own: number;
  /** Column that the lines of a plain value are deeper than. */
  readonly outer: number;
  readonly value: string;
}

function parts(line: string, column: number): Parts {
  const [before = '', dashes = '', key] = BEFORE_VALUE.exec(line) ?? [];
  const own = dashes === '' ? column : dashes.length;
  return { own, outer: key === undefined ? dashes.lastIndexOf('-') : own, value: line.slice(before.length) };
}

const lineEnd = (text: string, at: number): number => {
  const end = text.indexOf('\n', at);
  return end === -1 ? text.length : end;
};

function* linesAfter(text: string, { from, to, deeperThan }: { readonly from: number; readonly to: number; readonly deeperThan: number }): Generator<ShallowLine> {
  for (let at = from; at <= to && at < text.length; at = lineEnd(text, at) + 1) {
    const depth = text.slice(at, lineEnd(text, at)).search(/[^ ]/);
    if (depth !== -1 && depth <= deeperThan) yield { at, missing: deeperThan + 1 - depth };
  }
}

/** Where a quoted text, or what is in brackets, ends; the end of the text when it does not. */
function closing(text: string, at: number): number {
  const opening = text[at];
  if (opening === '"' || opening === "'") return quoteEnd(text, at);
  let depth = 0;
  for (let index = at; index < text.length; index += 1) {
    const character = text.charAt(index);
    if ('[{'.includes(character)) depth += 1;
    else if (']}'.includes(character) && (depth -= 1) === 0) return index;
    else if ('"\''.includes(character) && /[[{,:\s]$/.test(text.slice(index - 1, index))) index = quoteEnd(text, index);
    else if (character === '#' && /\s/.test(text.charAt(index - 1))) index = lineEnd(text, index);
  }
  return text.length;
}

function quoteEnd(text: string, at: number): number {
  const pattern = text[at] === '"' ? /"(?:[^"\\]|\\[^])*"/y : /'(?:[^']|'')*'/y;
  pattern.lastIndex = at;
  return pattern.test(text) ? pattern.lastIndex - 1 : text.length;
}
