/** What stands between words: not what other scripts have for blanks, which is part of a word. */
const BLANK = /[ \t\n\v\f\r]/;

/** The words of a command: a list as it is, a line split. @throws RangeError as `shellWords` does */
export const wordsOf = (command: string | readonly string[]): readonly string[] => (typeof command === 'string' ? shellWords(command) : command);

/** Splits a command line into words as a POSIX shell does, without expanding anything. @throws RangeError when a quotation mark is not closed */
export function shellWords(line: string): readonly string[] {
  const words: string[] = [];
  let word: string | undefined;
  let index = 0;
  while (index < line.length) {
    const character = line.charAt(index);
    if (BLANK.test(character)) {
      if (word !== undefined) words.push(word);
      word = undefined;
      index += 1;
    } else if (line.startsWith('\\\n', index)) index += 2;
    else {
      const piece = pieceAt(line, index);
      word = (word ?? '') + piece.text;
      index = piece.end;
    }
  }
  return word === undefined ? words : [...words, word];
}

function pieceAt(line: string, at: number): { readonly text: string; readonly end: number } {
  const character = line.charAt(at);
  if (character === '\\') return { text: at + 1 === line.length ? character : line.charAt(at + 1), end: at + 2 };
  if (character === "'") {
    const end = line.indexOf("'", at + 1);
    if (end === -1) throw new RangeError(`has a quotation mark that is not closed: ${line.slice(at)}`);
    return { text: line.slice(at + 1, end), end: end + 1 };
  }
  return character === '"' ? doubleQuoted(line, at) : { text: character, end: at + 1 };
}

function doubleQuoted(line: string, at: number): { readonly text: string; readonly end: number } {
  let text = '';
  for (let index = at + 1; index < line.length; index += 1) {
    const character = line.charAt(index);
    if (character === '"') return { text, end: index + 1 };
    const next = line.charAt(index + 1);
    if (character === '\\' && '$`"\\\n'.includes(next) && next !== '') {
      text += next === '\n' ? '' : next;
      index += 1;
    } else text += character;
  }
  throw new RangeError(`has a quotation mark that is not closed: ${line.slice(at)}`);
}
