import { type Alias, isAlias, isMap, isPair, isScalar, isSeq, parseDocument, type Document, type Node as YamlNode, type Pair, type Scalar as YamlScalar, type YAMLMap, type YAMLSeq } from 'yaml';
import { indented } from './indent.js';
import type { Mistakes, Path } from './mistakes.js';
import type { Entry, MapNode, Node } from './node.js';
import { meaningOf, scalarText, type Meaning } from './scalar.js';
import type { Place, TracedText } from './source.js';
import { syntaxFaults } from './syntax.js';

/** Deeper than any stack file, and far from the end of the stack. */
const DEEPEST = 50;
/** Nodes after every alias is followed; the largest real file has 600. */
const MOST_NODES = 50_000;

export interface YamlOptions {
  /** Gives scalars their text back, when something stood in for it while the file was parsed. */
  readonly restore?: (text: string) => string;
  /** Nothing of the content is judged: only its form, because templates are still to be rendered. */
  readonly isRaw?: boolean;
  /** Says when more documents follow: only the first counts. */
  readonly tellsOfMore?: boolean;
}

/** Reads YAML with the words and numbers of YAML 1.1; undefined when it is not YAML at all, or holds nothing. */
export function parseYaml(source: TracedText, mistakes: Mistakes, options: YamlOptions = {}): Node | undefined {
  const tooDeep = deepPlace(source.text);
  if (tooDeep !== undefined) {
    mistakes.error(source.place(tooDeep, tooDeep + 1), [], `is nested deeper than ${DEEPEST} levels`);
    return undefined;
  }
  const first = parsed(source);
  const deeper = first.errors.length === 0 ? undefined : indented(source);
  const second = deeper && parsed(deeper);
  const { text, document, errors, next } = second?.errors.length === 0 ? second : first;
  if (next !== undefined && options.tellsOfMore === true) mistakes.warn(text.place(next, next + 3), [], 'a second document begins here; only the first one counts', { hint: 'remove the line ---, or write what follows into a file of its own' });
  for (const { begin, end, message, hint } of syntaxFaults(text.text, document, errors)) mistakes.error(text.place(begin, end), [], message, { hint });
  if (errors.length > 0 || document.contents === null) return undefined;
  return new Reader(text, document, mistakes, options).read();
}

interface Parsed {
  readonly text: TracedText;
  readonly document: Document;
  readonly errors: Document['errors'];
  /** Where a second document begins. */
  readonly next: number | undefined;
}

function parsed(text: TracedText): Parsed {
  const document = parseDocument(text.text, { schema: 'failsafe', uniqueKeys: false, prettyErrors: false, merge: false, logLevel: 'error' });
  const isMore = ({ code }: Document['errors'][number]): boolean => code === 'MULTIPLE_DOCS';
  const begin = document.errors.find(isMore)?.pos[0];
  const hasContent = begin !== undefined && /^[ \t]*[^#\s]/m.test(text.text.slice(begin).replace(/^---/, ''));
  return { text, document, errors: document.errors.filter((error) => !isMore(error)), next: hasContent ? begin : undefined };
}

/** Where brackets or indentation go deeper than any stack file does; the parser below is recursive. */
function deepPlace(text: string): number | undefined {
  let depth = 0;
  for (let index = 0; index < text.length; index += 1) {
    const character = text[index];
    if (character === '[' || character === '{') depth += 1;
    else if ((character === ']' || character === '}') && depth > 0) depth -= 1;
    else if (character === '\n') depth = Math.min(depth, DEEPEST);
    if (depth > DEEPEST * 4) return index;
  }
  const steps = /^(?:[-?:][ \t]+){50}/m.exec(text);
  return steps?.index;
}

class Reader {
  readonly #done = new Map<YamlNode, { readonly node: Node; readonly size: number }>();
  readonly #open = new Set<YamlNode>();
  readonly #anchors = new Map<string, Exclude<YamlNode, Alias>>();
  #isTooLarge = false;

  constructor(
    private readonly source: TracedText,
    private readonly document: Document,
    private readonly mistakes: Mistakes,
    private readonly options: YamlOptions,
  ) {}

  read(): Node | undefined {
    const { node } = this.node(this.document.contents, []);
    return this.#isTooLarge ? undefined : node;
  }

  private node(yaml: YamlNode | null, path: Path): { readonly node: Node; readonly size: number } {
    const target = this.target(yaml);
    if (target === undefined || this.#open.has(target) || path.length > DEEPEST) return { node: this.unusable(yaml, path), size: 1 };
    const known = this.#done.get(target);
    if (known !== undefined) return this.measured(known, target, path);
    this.#open.add(target);
    const made = isMap(target) ? this.map(target, path) : isSeq(target) ? this.list(target, path) : { node: this.scalar(target, path), size: 1 };
    this.#open.delete(target);
    this.#done.set(target, made);
    return this.measured(made, target, path);
  }

  /** What stands there, or what the last anchor before an alias stands at. By our own list: the library looks through the whole document for each alias. */
  private target(yaml: YamlNode | null): Exclude<YamlNode, Alias> | undefined {
    if (yaml === null) return undefined;
    if (isAlias(yaml)) return this.#anchors.get(yaml.source);
    const anchored = yaml;
    if (anchored.anchor !== undefined) this.#anchors.set(anchored.anchor, anchored);
    return anchored;
  }

  private measured(made: { readonly node: Node; readonly size: number }, yaml: YamlNode, path: Path): { readonly node: Node; readonly size: number } {
    if (made.size <= MOST_NODES) return made;
    if (!this.#isTooLarge) this.mistakes.error(this.place(yaml), path, `holds more than ${MOST_NODES} values once its aliases are followed`);
    this.#isTooLarge = true;
    return { node: { kind: 'list', at: this.place(yaml), items: [] }, size: 1 };
  }

  private unusable(yaml: YamlNode | null, path: Path): Node {
    const at = this.place(yaml);
    if (isAlias(yaml) || path.length > DEEPEST) {
      const message = path.length > DEEPEST ? `is nested deeper than ${DEEPEST} levels` : 'is an alias of an anchor that is not there, or of itself';
      this.mistakes.error(at, path.slice(0, DEEPEST), message);
    }
    return { kind: 'scalar', at, value: null, isFloat: false, isPlain: true };
  }

  private list(seq: YAMLSeq, path: Path): { readonly node: Node; readonly size: number } {
    let size = 1;
    const items = seq.items.map((item, index) => {
      // a pair stands alone in a flow sequence: [a: 1] is [{a: 1}]
      const made = isPair(item) ? this.pairs([item], this.place(seq), [...path, index]) : this.node(item as YamlNode, [...path, index]);
      size += made.size;
      return made.node;
    });
    return { node: { kind: 'list', at: this.place(seq), items }, size };
  }

  private map(map: YAMLMap, path: Path): { readonly node: Node; readonly size: number } {
    return this.pairs(map.items, this.place(map), path);
  }

  private pairs(pairs: readonly Pair[], at: Place, path: Path): { readonly node: MapNode; readonly size: number } {
    const entries = new Map<string, Entry>();
    const own = new Set<string>();
    let size = 1;
    for (const pair of pairs) {
      const key = this.key(pair, path);
      if (key === undefined) continue;
      const made = this.node(pair.value as YamlNode | null, [...path, key.text]);
      size += made.size;
      const place = made.node.at.length === 0 ? { ...made.node, at: key.at } : made.node;
      if (key.text === '<<' && key.isPlain) {
        for (const [name, entry] of this.merged(made.node, path)) {
          const first = entries.get(name);
          if (first !== undefined && own.has(name) && this.options.isRaw !== true) this.mistakes.warn(first.keyAt, [...path, name], 'is replaced by the one that << brings below it', { hint: 'write << first, so that this one counts' });
          entries.set(name, entry);
        }
      } else {
        if (own.has(key.text) && this.options.isRaw !== true) this.mistakes.warn(key.at, [...path, key.text], 'stands here a second time; the last one counts', { hint: 'remove one of them' });
        own.add(key.text);
        entries.set(key.text, { key: key.text, keyAt: key.at, value: place });
      }
    }
    return { node: { kind: 'map', at, entries }, size };
  }

  /** What `<<` brings: of several mappings the first that has a key. In its own mapping it counts where it stands, as it always did. */
  private merged(from: Node, path: Path): ReadonlyMap<string, Entry> {
    const brought = new Map<string, Entry>();
    for (const source of from.kind === 'list' ? [...from.items].reverse() : [from]) {
      if (source.kind === 'map') for (const [key, entry] of source.entries) brought.set(key, entry);
      else this.mistakes.error(source.at, [...path, '<<'], 'merges what is not a mapping');
    }
    return brought;
  }

  private key(pair: Pair, path: Path): { readonly text: string; readonly at: Place; readonly isPlain: boolean } | undefined {
    const key = this.target(pair.key as YamlNode | null);
    const at = this.place(pair.key as YamlNode | null);
    if (!isScalar(key)) {
      if (this.options.isRaw !== true) this.mistakes.error(at, path, 'has a key that is not a word');
      return undefined;
    }
    const node = this.scalar(key, path);
    return { text: node.kind === 'scalar' ? scalarText(node.value, node.isFloat) : '', at, isPlain: key.type === 'PLAIN' };
  }

  private scalar(yaml: YamlScalar, path: Path): Node {
    const at = this.place(yaml);
    const text = this.restored(typeof yaml.value === 'string' ? yaml.value : '');
    const isPlain = yaml.type === 'PLAIN' && yaml.tag === undefined;
    const meaning = isPlain ? meaningOf(text) : this.tagged(yaml, text, at, path);
    if (this.options.isRaw !== true) this.judge(text, meaning, at, path);
    return { kind: 'scalar', at, value: meaning.value, isFloat: meaning.isFloat ?? false, isPlain };
  }

  private tagged(yaml: YamlScalar, text: string, at: Place, path: Path): Meaning {
    const tag = yaml.tag?.replace('tag:yaml.org,2002:', '!!');
    if (tag === undefined || tag === '!!str' || tag === '!') return { value: text };
    if (['!!int', '!!float', '!!bool', '!!null'].includes(tag)) return meaningOf(text);
    this.mistakes.error(at, path, `has the tag ${tag}, and a stack file takes none`, { hint: 'remove the tag' });
    return { value: text };
  }

  private judge(text: string, { refused, surprise }: Meaning, at: Place, path: Path): void {
    if (refused !== undefined) this.mistakes.error(at, path, `"${text}" ${refused}`, { hint: `write quotes: "${text}"` });
    if (surprise === undefined) return;
    // nobody who writes 22:22 or 0400 wants the number in other digits
    const hint = surprise.startsWith('the number ') ? `write quotes: "${text}"` : `write ${surprise}, or quotes: "${text}"`;
    this.mistakes.warn(at, path, `"${text}" is read as ${surprise}, as YAML 1.1 says`, { hint });
  }

  private restored(text: string): string {
    return this.options.restore?.(text) ?? text;
  }

  private place(yaml: YamlNode | null): Place {
    const [begin, end] = yaml?.range ?? [0, 0];
    return this.source.place(begin, end);
  }
}
