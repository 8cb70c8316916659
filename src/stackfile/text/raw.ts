import { REFERENCE } from './reference.js';
import type { YamlOptions } from './yaml.js';
import { TracedText, type SourceFile } from './source.js';

const STANDS_FOR = new Map([['\uE000', '$'], ['\uE001', '{'], ['\uE002', '}']]);
const STAND_IN = new Map([...STANDS_FOR].map(([standIn, character]) => [character, standIn]));

/**
 * The file as written, in a form that is YAML before any variable has a value: in each `${name}`, what YAML would
 * take for its own is replaced, one character by one, so that every place stays where it is.
 */
export function rawText(file: SourceFile): { readonly source: TracedText; readonly options: YamlOptions } {
  const text = file.text.replace(REFERENCE, (reference) => reference.replace(/[${}]/g, (character) => STAND_IN.get(character) ?? character));
  const restore = (value: string): string => value.replace(/[\uE000-\uE002]/g, (standIn) => STANDS_FOR.get(standIn) ?? standIn);
  return { source: new TracedText(file, text, TracedText.of(file).stretches), options: { isRaw: true, restore } };
}
