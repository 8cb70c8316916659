import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { readStack } from '../index.js';
import { reading } from '../reading-for-tests.js';
import { evaluate } from './evaluate.js';
import type { Question } from './outside.js';
import { randomNumber, randomText, randomUuid } from './random.js';

type Given = Parameters<typeof reading>[1];

/** The values of variables, and the errors, after reading. */
async function resolved(variables: string, given?: Given) {
  const text = `stack: s\nvariables:\n${variables.split('\n').map((line) => `  ${line}`).join('\n')}\nservices: {a: {image: b}}\n`;
  const result = await readStack(reading(text, given));
  return { values: { ...(result.apiRequest?.['variables'] as object | undefined) }, errors: result.mistakes.filter(({ severity }) => severity === 'error').map(({ message }) => message), warnings: result.mistakes.filter(({ severity }) => severity === 'warning').map(({ message }) => message) };
}

describe('types', () => {
  test.each<[string, Readonly<Record<string, unknown>>]>([
    ['x: {type: string, value: " aB ", strip: true, upcase: true}', { x: 'AB' }],
    ['x: {type: string, value: hello, capitalize: true}', { x: 'Hello' }],
    ['x: {type: string, value: abc, encode_64: true}', { x: 'YWJj' }],
    ['x: {type: string, value: YWJj, decode_64: true}', { x: 'abc' }],
    ['x: {type: string, value: a, hexdigest: md5}', { x: '0cc175b9c0f1b6a831c399e269772661' }],
    ['x: {type: string, value: "  ", required: false}', { x: null }],
    ['x: {type: string, value: "", empty_is_nil: false}', { x: '' }],
    ['x: {type: integer, value: "12abc"}', { x: 12 }],
    ['x: {type: integer, value: 1.9}', { x: 1 }],
    ['x: {type: integer, nil_is_zero: true}', { x: 0 }],
    ['x: {type: boolean, value: "Enabled"}', { x: true }],
    ['x: {type: boolean, value: maybe}', { x: false }],
    ['x: {type: boolean}', { x: false }],
    ['x: {type: boolean, nil_is: true, as: integer}', { x: 1 }],
    ['x: {type: boolean, value: ja, truthy: [ja], as: string}', { x: 'true' }],
    ['x: {type: enum, options: [1, 2], value: "2"}', { x: 2 }],
    ['x: {type: enum, options: {a: First, b: Second}, value: b}', { x: 'b' }],
    ['x: {type: enum, options: [a], can_be_other: true, value: z}', { x: 'z' }],
    ['x: {type: uri, value: "http://a/b"}', { x: 'http://a/b' }],
    ['x: {type: array, value: "b,a,a", sort: true, uniq: true}', { x: ['a', 'b'] }],
    ['x: {type: array, value: "b;a;", split: ";", compact: true, join: "+"}', { x: 'b+a' }],
    ['x: {type: array, value: [1, 2], count: true}', { x: 2 }],
    ['x: {type: array}', { x: [] }],
    ['x: {type: array, value: "b,,B,a,,", sort: true}', { x: ['', 'B', 'a', 'b'] }],
    ['x: {type: array, value: " a  b ", split: " "}', { x: ['a', 'b'] }],
    ['x: {type: string, value: 3.0}\ny: {type: string, default: 1.10}\nz: {type: enum, options: [1.5, 2.0], value: "2.0"}\ni: {type: integer, value: 3.0, max: 4.0}', { x: '3.0', y: '1.1', z: '2.0', i: 3 }],
    ['m: {type: integer, value: 4}\nx: {type: string, from: {evaluate: $m / 2.0}}\ny: {type: integer, from: {evaluate: $m * 0.5}}\nz: {type: string, from: {evaluate: $m / 8.0}}\nw: {type: string, from: {condition: [{else: 2.0}]}}', { m: 4, x: '2.0', y: 2, z: '0.5', w: '2.0' }],
  ])('%s', async (variables, values) => {
    expect(await resolved(variables)).toEqual({ values, errors: [], warnings: [] });
  });

  test.each<[string, string]>([
    ['x: {type: string, value: abc, min_length: 5}', 'variable "x" is too short: it needs 5 characters, and has 3'],
    ['x: {type: string, value: abc, max_length: 2}', 'variable "x" is too long: it may have 2 characters, and has 3'],
    ['x: {type: string, value: c, in: [a, b]}', 'variable "x" must be one of a, b, and is c'],
    ['x: {type: integer, value: 30, max: 5}', 'variable "x" is too large: the maximum is 5, and it is 30'],
    ['x: {type: integer, value: two}', 'variable "x" must be a whole number, and is "two"'],
    ['x: {type: enum, options: [a, b], value: c}', 'variable "x" must be one of a, b, and is c'],
    ['x: {type: enum, value: c}', 'enum "x" has no options to choose from'],
    ['x: {type: enum, options: [a, a], value: a}', 'option "a" stands here a second time'],
    ['x: {type: enum, options: [{value: a}], value: a}', 'an option needs value and description'],
    ['x: {type: uri, value: "ftp://a"}', 'variable "x" must begin with http:// or https://, and is ftp://a'],
    ['x: {type: strin}', 'there is no type "strin"'],
    ['x: {}', 'type is missing'],
    ['x: 5', 'must be a mapping with a type'],
    ['x: {type: string}', 'variable "x" has no value, and needs one'],
    ['x: {type: string, from: {variable: y}}\ny: {type: string, from: {variable: x}}', 'needs itself: x → y → x'],
    ['x: {type: string, value: y, to: {nowhere: z}}', 'there is nothing called "nowhere" to put a value into'],
    ['x: {type: string, from: {evaluate: "1 +"}}', 'evaluate "1 +" is not a sum of numbers: it may hold 0-9 + - * / . ( )'],
    ['x: {type: string, from: {interpolate: "$nope"}}', 'there is no variable "nope"'],
    ['x: {type: string, from: {file: nope}}', 'file cannot read the file nope'],
    ['x: {type: string, from: {random_string: 0}}', 'random_string the length must be 1 to 65536, and is 0'],
    ['x: {type: string, from: {random_number: {min: 5, max: 1}}}', 'random_number needs a map with min and max, min not above max'],
    ['x: {type: string, from: {condition: [{iff: a}]}}', 'condition has a part without if and then, or else: it has iff'],
    ['x: {type: string, from: {service_link: y}}', 'service_link needs a map with prompt'],
    ['x: {type: string, from: {prompt: {text: y}}}', 'prompt needs a question, like prompt: Your name'],
  ])('%s is refused', async (variables, message) => {
    expect((await resolved(variables)).errors).toContain(message);
  });
});

const kept = (values: Readonly<Record<string, string>>, origin: string) => () => Promise.resolve(Object.fromEntries(Object.entries(values).map(([name, value]) => [name, { value, origin }])));

describe('where a value comes from', () => {
  test.each<[string, string, Given, Readonly<Record<string, unknown>>]>([
    ['given, before all', 'x: {type: string, value: fixed}', { values: { x: 'given' } }, { x: 'given' }],
    ['the environment, by its own name', 'x: {type: string, default: d}', { environment: { x: 'env' } }, { x: 'env' }],
    ['the environment, by another', 'x: {type: integer, from: {env: [A, B]}}', { environment: { B: '5' } }, { x: 5 }],
    ['given before, before all but what is given now', 'x: {type: string, value: fixed}\ny: {type: string}', { values: { y: 'now' }, kept: kept({ x: 'before', y: 'before' }, 'given'), environment: { x: 'env' } }, { x: 'before', y: 'now' }],
    ['given before, and forgotten', 'x: {type: string, default: d}', { values: { x: '' }, kept: kept({ x: 'before' }, 'given') }, { x: 'd' }],
    ['given before, where it is left out now', 'n: {type: string, value: a}\nx: {type: string, skip_if: n}', { kept: kept({ x: 'before' }, 'given') }, { n: 'a', x: null }],
    ['drawn before, in its turn', 'x: {type: string, from: {env: A, random_string: 3}}\ny: {type: string, from: {env: B, random_string: 3}}', { environment: { B: 'env' }, kept: kept({ x: 'old', y: 'old' }, 'random_string') }, { x: 'old', y: 'env' }],
    ['answered before, and not asked again', 'x: {type: string, default: d, from: prompt}', { kept: kept({ x: 'old' }, 'prompt') }, { x: 'old' }],
    ['answered before, where nobody is asked any more', 'x: {type: string, default: d}', { kept: kept({ x: 'old' }, 'prompt') }, { x: 'd' }],
    ['the file that depends on this one, behind what is given', 'x: {type: string, value: fixed}\ny: {type: string}\nz: {type: string}', { values: { y: 'now' }, assigned: { x: 'parent', y: 'parent', z: 'parent' }, kept: kept({ z: 'before' }, 'given') }, { x: 'parent', y: 'now', z: 'before' }],
    ['a file', 'x: {type: string, from: {file: f.txt}, chomp: true}', { files: { 'f.txt': 'text\n' } }, { x: 'text' }],
    ['a file that may be missing', 'x: {type: string, default: d, from: {file: {path: f, ignore_errors: true}}}', {}, { x: 'd' }],
    ['what an earlier one put into the environment', 'x: {type: string, value: v, to: {env: TAG}}\ny: {type: string, from: {env: TAG}}', {}, { x: 'v', y: 'v' }],
    ['STACK and GRID in a hint', 'x: {type: string, default: "${STACK}-${GRID}-${x}"}', {}, { x: 's-validate-' }],
    ['a name in camelCase or with dashes', 'x: {type: integer, from: {randomNumber: {min: 3, max: 3}}}\ny: {type: integer, from: [{random-number: {min: 4, max: 4}}]}', {}, { x: 3, y: 4 }],
    ['a condition', 'n: {type: integer, value: 5}\nx: {type: string, from: {condition: [{if: {n: {lt: 5}}, then: a}, {elsif: {n: {any_of: "4,5"}}, then: b}, {else: c}]}}', {}, { n: 5, x: 'b' }],
    ['nothing, when it is left out', 'n: {type: string, value: a}\nx: {type: string, default: d, only_if: {n: {start_with: b}}}\ny: {type: string, default: d, skip_if: [n]}', {}, { n: 'a', x: null, y: null }],
    ['given, though it would be left out', 'n: {type: string, value: a}\nx: {type: string, skip_if: n}', { values: { x: 'v' } }, { n: 'a', x: 'v' }],
  ])('%s', async (_title, variables, given, values) => {
    expect(await resolved(variables, given)).toMatchObject({ values, errors: [] });
  });

  test('variables that need each other are one mistake, and a hint names a dependency\'s variable in full', async () => {
    const ring = 'x: {type: string, from: {interpolate: "a$y"}}\ny: {type: string, from: {evaluate: "1 + $z"}}\nz: {type: string, from: {variable: x}}';
    expect((await resolved(ring)).errors).toEqual(['needs itself: x → y → z → x']);
    const result = await readStack(reading('stack: s\nvariables: {m: {type: integer, max: 5}}\nservices: {a: {image: b}}\n', { assigned: { m: '9' }, prefix: 'cache.store.' }));
    expect(result.mistakes.map(({ hint }) => hint)).toEqual(['set it with -v cache.store.m=VALUE']);
  });

  test.each([['ture', 1], ['maybe', 1], ['true', 0], ['Yes', 0], ['0', 0], ['off', 0], [' no ', 0], ['ja', 0]])('a boolean that is given as %j is warned of %d times', async (text, times) => {
    const result = await readStack(reading('stack: s\nvariables:\n  b: {type: boolean, truthy: ["true", "yes", ja]}\nservices: {a: {image: b}}\n', { values: { b: text } }));
    expect(result.mistakes.filter(({ message }) => message.includes('counts as false'))).toHaveLength(times);
  });

  test('where it came from is kept of what was given, answered or drawn, and of nothing else', async () => {
    const prompter = { ask: () => Promise.resolve('typed') };
    const text = `stack: s\nvariables:\n  g: {type: string}\n  p: {type: string, from: prompt}\n  r: {type: string, from: {random_string: 4}}\n  d: {type: string, default: d}\n  e: {type: string}\n  k: {type: string}\n  v: {type: string, from: prompt, to: {vault: v}}\n  a: {type: string}\nservices: {a: {image: b}}\n`;
    const result = await readStack(reading(text, { values: { g: 'x' }, assigned: { a: 'parent' }, kept: kept({ k: 'before' }, 'given'), environment: { e: 'env' }, outside: { ...reading('').outside, environment: { e: 'env' }, prompter } }));
    expect(result.stack?.variableOrigins).toEqual({ g: 'given', p: 'prompt', r: 'random_string', k: 'given' });
  });

  test('a person is asked, with what the variable says', async () => {
    const asked: Question[] = [];
    const answers: Readonly<Record<string, string | boolean>> = { x: 'typed', e: 'b', b: true, p: 'hidden' };
    const prompter = { ask: (question: Question) => { asked.push(question); return Promise.resolve(answers[question.variable]); } };
    const given = { outside: { ...reading('').outside, prompter } };
    const { values } = await resolved('x: {type: string, default: d, from: {prompt: What}}\ne: {type: enum, options: [a, b], from: prompt}\nb: {type: boolean, default: false, from: prompt, label: The thing}\np: {type: string, echo: false, from: prompt}', given);
    expect(values).toEqual({ x: 'typed', e: 'b', b: true, p: 'hidden' });
    expect(asked).toEqual([
      { kind: 'text', variable: 'x', text: 'What :', isSecret: false, wrong: expect.any(Function), default: 'd' },
      { kind: 'choice', variable: 'e', text: 'Select e :', choices: [{ value: 'a', label: 'a' }, { value: 'b', label: 'b' }], mayBeOther: false },
      { kind: 'yes-or-no', variable: 'b', text: 'Enable The thing :', default: false },
      { kind: 'text', variable: 'p', text: 'Enter p :', isSecret: true, wrong: expect.any(Function) },
    ]);
  });

  test('an answer is judged while the person is there', async () => {
    let wrong: readonly (string | undefined)[] = [];
    const prompter = { ask: (question: Question) => { wrong = 'wrong' in question ? ['9', 'many', '', '3'].map(question.wrong) : []; return Promise.resolve('3'); } };
    await resolved('x: {type: integer, max: 5, from: {prompt: }}', { outside: { ...reading('').outside, prompter } });
    expect(wrong).toEqual(['is too large: the maximum is 5, and it is 9', expect.stringContaining('many'), undefined, undefined]);
  });

  test('a service is chosen from those that fit', async () => {
    const cluster = { secret: () => Promise.resolve(undefined), services: () => Promise.resolve([{ name: 'system/lb', image: 'kontena/lb:1' }, { name: 'null/x', image: 'redis' }]), instances: () => Promise.resolve(4), certificates: () => Promise.resolve(['a.com']), secretNames: () => Promise.resolve(['ssl-a', 'other']) };
    const prompter = { ask: (question: Question) => Promise.resolve('choices' in question ? String(question.choices.at(-1)?.value) : undefined) };
    const { values } = await resolved('l: {type: string, from: {service_link: {prompt: Which, image: kontena/lb}}}\nn: {type: integer, from: {service_instances: a}}\nc: {type: array, from: {certificates: Which}}\nv: {type: array, from: vault_cert_prompt}', { outside: { ...reading('').outside, cluster, prompter } });
    expect(values).toEqual({ l: 'system/lb', n: 4, c: ['a.com'], v: ['ssl-a'] });
  });

  test('a key that means nothing is a warning', async () => {
    expect((await resolved('x: {type: integer, value: 1, mn: 2, echo: true}')).warnings).toEqual(['"mn" means nothing to a variable of type integer', '"echo" means nothing to a variable of type integer']);
  });
});

describe('chance', () => {
  const { random } = reading('').outside;
  test('text has its length and its characters', () => {
    fc.assert(fc.property(fc.integer({ min: 1, max: 200 }), fc.constantFrom('hex', 'numbers', 'upcase', 'a-f', 'xyz', 'ascii_printable'), (length, charset) => {
      const text = randomText(length, charset, random);
      const allowed: Readonly<Record<string, RegExp>> = { hex: /^[0-9a-f]+$/, numbers: /^\d+$/, upcase: /^[A-Z]+$/, 'a-f': /^[a-f]+$/, xyz: /^[xyz]+$/, ascii_printable: /^[!-~]+$/ };
      return text.length === length && (allowed[charset]?.test(text) ?? false);
    }));
    expect(() => randomText(5, 'base64', random)).toThrow(/4 divides/);
  });
  test('numbers hold both ends', () => {
    expect([randomNumber(1, 3, { ...random, fraction: () => 0 }), randomNumber(1, 3, { ...random, fraction: () => 0.999 })]).toEqual([1, 3]);
  });
  test('a UUID is of version 4', () => {
    expect(randomUuid(random)).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  });
});

test.each([['1+2*3', 7], ['(1+2)*3', 9], ['7/2', 3], ['-7/2', -4], ['7/2.0', 3.5], ['2048 * 0.8', 1638.4], ['- (3 - 5)', 2]])('%s is %d', (expression, value) => {
  expect(evaluate(expression)).toBe(value);
});
