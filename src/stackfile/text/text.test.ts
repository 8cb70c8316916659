import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { interpolate } from './interpolate.js';
import { renderLiquid } from './liquid.js';
import { Mistakes } from './mistakes.js';
import { plainOf } from './node.js';
import { meaningOf } from './scalar.js';
import { lineAndColumn, TracedText } from './source.js';
import { parseYaml } from './yaml.js';

const file = (text: string) => ({ name: 'f.yml', text });
const values: ReadonlyMap<string, unknown> = new Map<string, unknown>([['a', 'A'], ['empty', ''], ['no', false], ['n', 5], ['list', ['x', 'y']], ['quote', 'say "hi"'], ['lines', 'a\nb'], ['apostrophe', "it's"]]);
const names = { known: [...values.keys()], lookup: (name: string) => ({ isDeclared: values.has(name), value: values.get(name) }) };

function filled(text: string): { readonly text: string; readonly said: readonly string[] } {
  const mistakes = new Mistakes();
  return { text: interpolate(TracedText.of(file(text)), names, mistakes).text, said: mistakes.all().map(({ severity, message }) => `${severity}: ${message}`) };
}

describe('references', () => {
  test.each<[string, string, readonly string[]]>([
    ['x: $a-${a}-$a', 'x: A-A-A', []],
    ['x: $$a $${a} $$', 'x: $a ${a} $', []],
    ['x: ${a', 'x: A', []],
    ['{x: $a}{x: ${a}}', '{x: A}{x: A}', []],
    ['x: ${a:-d}', 'x: A:-d}', []],
    ['x: ${n}:$no', 'x: 5:false', []],
    ['x: $list', 'x: ["x", "y"]', []],
    ['x: $quote', 'x: "say \\"hi\\""', []],
    ['x: "$quote"', 'x: "say \\"hi\\""', []],
    ["x: '$apostrophe'", "x: 'it''s'", []],
    ['x: $lines', 'x: "a\\nb"', []],
    ['x: $empty.', 'x: .', ['warning: variable "empty" has no value; nothing is put in its place']],
    ['  interpolate: $a', '  interpolate: $a', []],
    ['# yaml-language-server: $schema=x', '# yaml-language-server: $schema=x', []],
    ['x: $b', 'x: b', ['error: undeclared variable "b"']],
    ['# $b', '# b', ['error: undeclared variable "b" in a comment, where templates stand and names count too']],
  ])('%s', (text, expected, said) => {
    expect(filled(text)).toEqual({ text: expected, said });
  });
});

describe('templates', () => {
  const rendered = async (text: string, given: Readonly<Record<string, unknown>>) => {
    const mistakes = new Mistakes();
    const made = await renderLiquid(file(text), given, mistakes);
    return { text: made?.text, said: mistakes.all().map(({ message }) => message), made };
  };
  test.each<[string, Readonly<Record<string, unknown>>, string]>([
    ['{% for i in (1..n) %}{{ i }}{% unless forloop.last %},{% endunless %}{% endfor %}', { n: 3 }, '1,2,3'],
    ['{% if a and b == "x" or c contains "y" %}1{% elsif d > 2 %}2{% else %}3{% endif %}', { a: null, b: 'x', c: ['y'], d: 1 }, '3'],
    ['{% assign s = "a,b" | split: "," %}{{ s | join: "-" | append: "!" }} {{ s.size | plus: 1 }}', {}, 'a-b! 3'],
    ['{{ a }}{{ no }}{{ list }}{{ nothing }}', { a: 1, no: false, list: ['x', 'y'], nothing: null }, '1falsexy'],
    ['{% if a and a.size > 0 %}x{% endif %}', { a: null }, ''],
    ['{{ with-dash }}', { 'with-dash': 'v' }, 'v'],
    ['a  {%- if true -%}  b  {%- endif %}', {}, 'ab'],
    ['{{ n | divided_by: 3 }} {{ n | divided_by: 4.0 }} {{ n | divided_by: 5.0 }} {{ -7 | divided_by: 2 }} {{ -7 | modulo: 3 }}', { n: 10 }, '3 2.5 2.0 -4 2'],
    ['{{ n | times: 0.8 }} {{ n | times: 0.5 }} {{ n | times: 0.5 | plus: 1 }} {{ 0.1 | plus: 0.2 }} {{ n | times: 0.75 | round }} {{ n | times: 0.3 | ceil }}', { n: 512 }, '409.6 256.0 257.0 0.3 384 154'],
    ['{{ "42" | plus: 1 }} {{ "12abc" | plus: 1 }} {{ "1.0" | plus: 0 }} {{ b | plus: 1 }} {{ -1.5 | round }} {{ 1.234 | round: 2 }} {{ 2 | round: 1 }} {{ 0.6 | divided_by: 3 }} {{ "-5" | abs }}', { b: true }, '43 13 1.0 1 -2 1.23 2 0.2 5'],
    ['{% assign h = n | times: 0.5 %}{% if h == 2 and h > 1 and h <= 2.0 %}{{ h }}{% endif %}{% capture c %}{{ h }}{% endcapture %} {{ c }}', { n: 4 }, '2.0 2.0'],
    ['{{ a | append: "!" }} {{ a | upcase }} {{ a | join: " " }} {{ a }}', { a: ['x', 'y'] }, '["x", "y"]! ["X", "Y"] x y xy'],
    ['{{ s | first }}{{ s | last }}{{ a | first }}{{ a | last }}{{ none | first }}{{ a[9] }}{{ none.first }}{{ none[0] }}', { s: 'text', a: ['x', 'y'], none: [] }, 'xy'],
    ['{{ s | split: " " | join: "-" }} {{ "a,,b,," | split: "," | size }} {{ q | escape }} {{ q | url_encode }}', { s: ' a  b ', q: `"it's"` }, 'a-b 3 &quot;it&#39;s&quot; %22it%27s%22'],
    ['{% if none < 3 or 3 > none or none > 3 or yes < 3 %}1{% else %}2{% endif %}{% if digits > 9 and word < "c" %}3{% endif %}', { none: null, yes: true, digits: '10', word: 'b' }, '23'],
    ['{% if t %} {% assign x = 1 %}\n{% endif %}{% for i in (1..2) %} {% endfor %}|{{ x }}|{% if t %} {{ x }}{% endif %}', { t: true }, '|1| 1'],
  ])('%s', async (text, given, expected) => {
    expect(await rendered(text, given)).toMatchObject({ text: expected, said: [] });
  });
  const nested = (times: number): string => `${'{% if t %}'.repeat(times)}x${'{% endif %}'.repeat(times)}`;
  test('blocks within blocks are read as deep as anybody writes them', async () => {
    expect(await rendered(nested(50), { t: true })).toMatchObject({ text: 'x', said: [] });
    expect(await rendered(`${nested(50)}${nested(50)}{% raw %}${nested(60)}{% endraw %}{% comment %}${nested(60)}{% endcomment %}${'['.repeat(99)}`, { t: true })).toMatchObject({ text: `xx${nested(60)}${'['.repeat(99)}`, said: [] });
  });
  test.each([
    ['blocks', nested(51)], ['many blocks', nested(50_000)], ['blocks that never end', '{% for a in b %}'.repeat(51)], ['blocks after ends of none', `${'{% endif %}'.repeat(99)}${nested(51)}`],
    ['brackets', `{{ a${'[a'.repeat(51)} }}`], ['brackets of a tag', `{% if ${'('.repeat(51)} %}{% endif %}`], ['brackets after those of none', `{{ ${']'.repeat(99)}${'['.repeat(51)} }}`],
  ])('%s that are too deep are refused before anything is made of them', async (_what, text) => {
    expect((await rendered(text, { t: true, a: 1 })).said).toEqual(['Liquid: templates are nested deeper than 50 levels']);
  });
  test('every unknown name is said at once', async () => {
    expect((await rendered('{{ x }} {% if y %}{{ z }}{% endif %}', {})).said).toEqual(['Liquid: undefined variable: x', 'Liquid: undefined variable: y']);
  });
  test.each([['{{ 1 | divided_by: 0 }}', 'divides by 0'], ['{{ 1 | modulo: 0 }}', 'divides by 0']])('%s is a mistake', async (text, word) => {
    expect((await rendered(text, {})).said).toEqual([expect.stringContaining(word)]);
  });
  test('no file is read by a template', async () => {
    expect((await rendered('{% include "/etc/passwd" %}', {})).said).toHaveLength(1);
  });
  test('what is copied keeps its place, what is made has the place of its tag', async () => {
    const { made } = await rendered('a{{ v }}b{% if t %}\ncd{% endif %}e', { v: 'long value', t: true });
    const text = made?.text ?? '';
    const at = (word: string) => { const from = text.indexOf(word); const place = made?.place(from, from + word.length); return place && [place.offset, place.length]; };
    expect([at('long'), at('b'), at('cd'), at('e\n')].slice(0, 3)).toEqual([[1, 7], [8, 1], [20, 2]]);
  });
});

test('a text without references or templates keeps every place', () => {
  fc.assert(fc.property(fc.string({ maxLength: 60 }), fc.nat(60), (text, at) => {
    const source = TracedText.of(file(text));
    const offset = Math.min(at, text.length);
    return source.place(offset, offset).offset === offset && lineAndColumn({ file: file(text), offset, length: 1 }).line === text.slice(0, offset).split('\n').length;
  }));
});

describe('words', () => {
  test.each<[string, unknown]>([
    ['yes', true], ['Off', false], ['y', 'y'], ['~', null], ['NULL', null], ['0777', 511], ['08', '08'], ['1_000', 1000], ['1,000', 1000], ['0x1f', 31], ['0b11', 3], ['1.5', 1.5], ['1.', 1], ['.5', 0.5], ['1e3', '1e3'], ['25:25', 1525],
    ['80:80', '80:80'], ['1:2:3', 3723], ['0.1.0', '0.1.0'], ['-5', -5], ['+5', 5], ['.inf', Infinity], ['-', '-'], ['.', '.'], ['true', true], ['2001-02-03', '2001-02-03'], [':sym', ':sym'], ['10:30:00', 37800], ['8080,', '8080,'], ['1_', '1_'], ['0x_', '0x_'], ['0b,', '0b,'], ['.e+1', '.e+1'], ['12345678901234567890', '12345678901234567890'], ['-1_2345678901234567890', '-12345678901234567890'],
  ])('%s is %p', (word, value) => {
    expect(meaningOf(word).value).toEqual(value);
  });
  test('what reads as a date or a symbol is refused', () => {
    expect(['2001-02-03', '2001-02-03 10:00:00', ':sym', '12:00'].map((word) => meaningOf(word).refused !== undefined)).toEqual([true, true, true, false]);
  });
});

describe('YAML', () => {
  const read = (text: string) => {
    const mistakes = new Mistakes();
    const node = parseYaml(TracedText.of(file(text)), mistakes);
    return { plain: node && plainOf(node), said: mistakes.all().map(({ line, severity, message }) => `${line ?? 0} ${severity}: ${message}`) };
  };
  test('anchors, merge keys and quotes', () => {
    expect(read('a: &a {x: 1, y: "2"}\nb:\n  <<: *a\n  y: 3\nc: [*a, !!str 5]\n').plain).toEqual({ a: { x: 1, y: '2' }, b: { x: 1, y: 3 }, c: [{ x: 1, y: '2' }, '5'] });
  });
  test('an alias means the last anchor before it, as a key too', () => {
    const { plain, said } = read('a: &x 1\nb: *x\nc: &x [2, &y z]\nd: *x\n&k e: *y\nf: {*k : 3}\n');
    expect([plain, said]).toEqual([{ a: 1, b: 1, c: [2, 'z'], d: [2, 'z'], e: 'z', f: { e: 3 } }, []]);
    expect(read('a: *x\nb: &x 1\n').said).toEqual(['1 error: is an alias of an anchor that is not there, or of itself']);
  });
  test('what << brings counts, and stands, where << is written', () => {
    const { plain, said } = read('a: &a {x: 1, y: 2}\nb: &b {y: 3, z: 4}\nc:\n  v: 0\n  y: 9\n  <<: [*a, *b]\n  x: 5\n1.0: d\n');
    expect(JSON.stringify(plain)).toBe('{"a":{"x":1,"y":2},"b":{"y":3,"z":4},"c":{"v":0,"y":2,"z":4,"x":5},"1.0":"d"}');
    expect(said).toEqual(['5 warning: is replaced by the one that << brings below it']);
  });
  test.each<[string, unknown]>([
    ['a:\n  b: "one\n  two\n three"\n  c: 1\n', { a: { b: 'one two three', c: 1 } }],
    ['a:\n  - \'x\n\n  y\'\n  - [1,\n2\n]\n', { a: ['x\ny', [1, 2]] }],
    ['a:\n  - b: {c: "}", # ]\n  d: \'x\n y\',\n}\n    e: |\n      "\n', { a: [{ b: { c: '}', d: 'x y' }, e: '"\n' }] }],
    ['a:\n  b: say "x\n    and y\n  c: "1\n2"\n', { a: { b: 'say "x and y', c: '1 2' } }],
    ['"k": &n "1\n2"\n# "\nl: *n\n', { k: '1 2', l: '1 2' }],
  ])('a quoted text or what is in brackets may go on in any column: %j', (text, expected) => {
    expect(read(text)).toEqual({ plain: expected, said: [] });
  });
  test('a place below such a line is the one in the file', () => {
    expect(read('a:\n  b: "one\ntwo"\n  c: 2001-02-03\n').said).toEqual(['4 error: "2001-02-03" reads as a date, and a stack file holds none']);
  });
  test('a key that stands twice is a warning', () => {
    expect(read('a: 1\na: 2\n')).toEqual({ plain: { a: 2 }, said: ['2 warning: stands here a second time; the last one counts'] });
  });
  test.each([['a: *b\n', 'alias'], ['a: !ruby/object x\n', 'tag'], ['{a: b}: c\n', 'key that is not a word'], ['a:\n\tb: 1\n', 'not YAML']])('%j is refused', (text, word) => {
    expect(read(text).said[0]).toContain(word);
  });
  test('whatever it is, nothing is thrown', () => {
    fc.assert(fc.property(fc.string({ unit: fc.constantFrom(...Array.from('ab:-[]{}"\'\n #&*!|>?,%@`\t0')), maxLength: 40 }), (text) => {
      const { said } = read(text);
      return said.every((line) => !line.includes('undefined'));
    }), { numRuns: 500, seed: 7 });
  });
});
