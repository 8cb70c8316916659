/** What a terminal obeys, or shows in another place than where it stands: control and format characters, and separators of lines. */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;

/** A text of strangers as it may be printed: what is not seen is written as JSON writes it. */
export const escaped = (text: string): string =>
  text.replace(UNSEEN, (character) => Array.from({ length: character.length }, (_none, index) => `\\u${character.charCodeAt(index).toString(16).padStart(4, '0')}`).join(''));
