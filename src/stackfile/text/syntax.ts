import { visit, type Document, type YAMLParseError } from 'yaml';

/** What of the parser's error counts here. */
type ParserError = Pick<YAMLParseError, 'code' | 'message' | 'pos'>;

/** Why a text is not YAML, in words for people. */
export interface SyntaxFault {
  readonly begin: number;
  readonly end: number;
  readonly message: string;
  readonly hint?: string | undefined;
}

/** More than anybody reads of a file that is not YAML. */
const MOST = 5;
/** Errors that are looked at for that: looking goes through the text. */
const MOST_ERRORS = 20;

/** What the parser found, once for each place, where a person would look for it. */
export function syntaxFaults(text: string, document: Document, errors: readonly ParserError[]): readonly SyntaxFault[] {
  const places = new Set<number>();
  return errors.slice(0, MOST_ERRORS).map((error) => faultOf(text, document, error)).filter(({ begin }) => !places.has(begin) && places.add(begin)).slice(0, MOST);
}

function faultOf(text: string, document: Document, { code, message, pos: [begin, end] }: ParserError): SyntaxFault {
  const known = hintOf(lineAt(text, begin).text) === undefined ? KNOWN[code]?.(text, begin, document) : undefined;
  return known ?? { begin, end, message: `is not YAML: ${message.charAt(0).toLowerCase()}${message.slice(1)}`, hint: hintOf(lineAt(text, begin).text) };
}

type Telling = (text: string, begin: number, document: Document) => SyntaxFault | undefined;

const KNOWN: Readonly<Record<string, Telling | undefined>> = {
  BAD_INDENT: (text, begin) => misplaced(text, lineAt(text, begin)),
  MISSING_CHAR: unclosedQuote,
  BLOCK_AS_IMPLICIT_KEY: colonInValue,
  MULTILINE_IMPLICIT_KEY: colonInValue,
};

interface Line {
  readonly begin: number;
  readonly end: number;
  readonly text: string;
  /** Spaces before what it holds. */
  readonly depth: number;
}

function lineAt(text: string, at: number): Line {
  const begin = at === 0 ? 0 : text.lastIndexOf('\n', at - 1) + 1;
  const newline = text.indexOf('\n', begin);
  const end = newline === -1 ? text.length : newline;
  const line = text.slice(begin, end);
  return { begin, end, text: line, depth: Math.max(0, line.search(/\S/)) };
}

const isBlank = ({ text }: Line): boolean => /^\s*(#|$)/.test(text);
const numberOf = (text: string, { begin }: Line): number => text.slice(0, begin).split('\n').length;

const beginAs = (text: string, line: Line): string => `begin it in column ${line.depth + 1}, as line ${numberOf(text, line)}: with ${line.depth === 0 ? 'no space' : line.depth === 1 ? '1 space' : `${line.depth} spaces`} before it`;

/** The lines above one that it could stand beside: each less deep than the one below it. */
function openLines(text: string, below: Line): readonly Line[] {
  const open: Line[] = [];
  for (let at = below.begin - 1; at >= 0;) {
    const line = lineAt(text, at);
    if (!isBlank(line) && line.depth < (open.at(-1)?.depth ?? Infinity)) open.push(line);
    at = line.begin - 1;
  }
  return open;
}

/** A line that begins where none of those begins that it could stand beside. */
function misplaced(text: string, at: Line): SyntaxFault | undefined {
  const line = (isBlank(at) ? nextLine(text, at) : undefined) ?? at; // comments before it are part of it
  const open = openLines(text, line);
  const meant = [...open].sort((one, other) => Math.abs(one.depth - line.depth) - Math.abs(other.depth - line.depth))[0];
  if (meant === undefined || meant.depth === line.depth) return undefined;
  return {
    begin: line.begin + line.depth, end: line.end,
    message: `is not YAML: the line begins in column ${line.depth + 1}, and none above that it could stand beside does`,
    hint: beginAs(text, meant),
  };
}

function unclosedQuote(text: string, begin: number, document: Document): SyntaxFault | undefined {
  let opening: number | undefined;
  visit(document, {
    Scalar(_key, { type, range }) {
      if ((type === 'QUOTE_DOUBLE' || type === 'QUOTE_SINGLE') && range !== undefined && range !== null && range[0] <= begin) opening = range[0];
    },
  });
  const quote = opening === undefined ? undefined : text[opening];
  if (opening === undefined || quote === undefined || !['"', "'"].includes(quote)) return undefined;
  return { begin: opening, end: lineAt(text, opening).end, message: `is not YAML: the quotation mark ${quote} opens here, and is not closed`, hint: `write ${quote} at the end of the value too` };
}

/** A colon that makes a key of what is the value of another: on its own line, or on the next, which is indented too deep. */
function colonInValue(text: string, begin: number): SyntaxFault {
  const line = lineAt(text, begin);
  const next = nextLine(text, line);
  if (next !== undefined && next.depth > line.depth && !/:\s+\S.*:(\s|$)/.test(line.text)) {
    return { begin: next.begin + next.depth, end: next.end, message: `is not YAML: the line is indented deeper than line ${numberOf(text, line)}, which has a value already`, hint: beginAs(text, line) };
  }
  return { begin, end: line.end, message: 'is not YAML: the value holds a colon that makes a key of it', hint: 'write quotes around the whole value' };
}

function nextLine(text: string, { end }: Line): Line | undefined {
  for (let at = end + 1; at < text.length;) {
    const line = lineAt(text, at);
    if (!isBlank(line)) return line;
    at = line.end + 1;
  }
  return undefined;
}

function hintOf(line: string): string | undefined {
  if (line.includes('\t')) return 'indent with spaces, not tabs';
  if (/^\s*\{%/.test(line)) return 'write the tag in a comment: # {% … %}';
  return line.includes('{{') ? 'write quotes around the whole value: "… {{ name }} …"' : undefined;
}
