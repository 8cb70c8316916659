import { describe, expect, test } from '@jest/globals';
import { readStack, type ReadResult } from './index.js';
import { reading } from './reading-for-tests.js';

async function read(text: string, values: Readonly<Record<string, string>> = {}): Promise<ReadResult> {
  return readStack(reading(text, { values }));
}

const errors = ({ mistakes }: ReadResult): readonly string[] => mistakes.filter(({ severity }) => severity === 'error').map(({ message }) => message);
const env = async (text: string, values?: Readonly<Record<string, string>>): Promise<readonly string[] | undefined> => {
  const result = await read(text, values);
  expect(errors(result)).toEqual([]);
  return result.stack?.services['a']?.env;
};
const withVariables = (variables: string, value: string): string => `stack: s\nvariables:\n${variables.split('\n').map((line) => `  ${line}`).join('\n')}\nservices:\n  a:\n    image: b\n    environment:\n      - X=${value}\n`;

describe('faults of the original, mended', () => {
  test('whole numbers are numbers: cpus, min_health', async () => {
    expect(errors(await read('stack: s\nservices: {a: {image: b, cpus: 1, deploy: {min_health: 1}}}\n'))).toEqual([]);
  });
  test('memswap_limit is known', async () => {
    expect((await read('stack: s\nservices: {a: {image: b, memswap_limit: 1g}}\n')).stack?.services['a']?.memorySwapBytes).toBe(1024 ** 3);
  });
  test('an interval of what is stateful has no effect, and a warning says so', async () => {
    const warnings = async (stateful: boolean): Promise<readonly string[]> =>
      (await read(`stack: s\nservices: {a: {image: b:1, stateful: ${String(stateful)}, deploy: {interval: 1d}}}\n`)).mistakes.map(({ severity, message }) => `${severity} ${message}`);
    expect(await warnings(true)).toEqual(['warning interval has no effect: what is stateful is not replaced by itself']);
    expect(await warnings(false)).toEqual([]);
  });
  test('meta is known', async () => {
    const result = await read('stack: s\nservices: {a: {image: b}}\nmeta: {tags: [x]}\n');
    expect([result.mistakes, result.stack?.metadata]).toEqual([[], { tags: ['x'] }]);
  });
  test('extends keeps command, mem_limit, deploy and logging', async () => {
    const result = await read('stack: s\nservices:\n  base: {image: b, command: c, mem_limit: 1m, deploy: {strategy: daemon}, logging: {driver: d}}\n  a: {extends: base}\n');
    expect(result.stack?.services['a']).toMatchObject({ command: ['c'], memoryBytes: 1048576, deploy: { strategy: 'daemon' }, logging: { driver: 'd' } });
  });
  test('a service that extends itself is refused, and soon', async () => {
    expect(errors(await read('stack: s\nservices: {a: {extends: a}}\n'))).toEqual(['extends itself: a → a']);
  });
  test('false stays false', async () => {
    expect(await env(withVariables('flag: {type: boolean, default: false}', '${flag}'))).toEqual(['X=false']);
  });
  test('the first variable in force counts of those with the same to: env', async () => {
    const variables = 'mode: {type: string, value: two}\none: {type: string, value: first, only_if: {mode: one}, to: {env: T}}\ntwo: {type: string, default: second, only_if: {mode: two}, to: {env: T}}';
    expect(await env(withVariables(variables.replace('value: first', 'default: first'), '$T'))).toEqual(['X=second']);
  });
  test('gte is greater or equal', async () => {
    expect(await env(withVariables('n: {type: integer, value: 2}\nx: {type: string, default: yes-it-is, only_if: {n: {gte: 2}}}', '${x}'))).toEqual(['X=yes-it-is']);
  });
  test('a condition needs no else', async () => {
    expect(await env(withVariables('n: {type: integer, value: 2}\nx: {type: string, required: false, from: {condition: [{if: {n: 3}, then: y}]}}', '${x}'))).toEqual(['X=']);
  });
  test('an array is true when it holds something', async () => {
    const variables = 'list: {type: array, value: [a]}\nnone: {type: array, value: []}\nx: {type: string, default: "1", only_if: list}\ny: {type: string, default: "1", only_if: none}';
    expect(await env(withVariables(variables, '${x}-${y}'))).toEqual(['X=1-']);
  });
  test('a minimum is named', async () => {
    expect(errors(await read(withVariables('n: {type: integer, value: 0, min: 1}', '1')))).toEqual(['variable "n" is too small: the minimum is 1, and it is 0']);
    expect(errors(await read(withVariables('n: {type: integer, value: -1}', '1')))).toEqual(['variable "n" is too small: the minimum is 0, and it is -1']);
  });
  test('a name that is blank before it has a value does not break the file', async () => {
    const result = await read('stack: s\nvariables: {tag: {type: string, value: "1"}}\nservices:\n  a:\n    image: foo:$tag\n    environment: {A: "${tag}"}\n');
    expect(result.stack?.services['a']?.image).toBe('foo:1');
  });
  test('interpolate and evaluate may stand in one line', async () => {
    expect(await env(withVariables('w: {type: string, value: world}\nn: {type: integer, from: {evaluate: "3 * (2 + 5) / 2"}}\nx: {type: string, from: {interpolate: "Hello ${w}"}}', '${x}-${n}'))).toEqual(['X=Hello world-10']);
  });
  test('what a value holds stays as it is, and so does a brace after a name', async () => {
    expect(await env(withVariables('p: {type: string, value: "a$$$$b"}', '${p}/{"v":$p}'))).toEqual(['X=a$$b/{"v":a$$b}']);
  });
  test('a byte order mark is no part of the first key', async () => {
    expect((await read('\uFEFFstack: s\nservices: {a: {image: b}}\n')).stack?.name).toBe('s');
  });
  test('a backslash joins two lines of a command', async () => {
    expect((await read('stack: s\nservices:\n  a:\n    image: b\n    command: |\n      run \\\n        --fast "x\\\n      y"\n')).stack?.services['a']?.command).toEqual(['run', '--fast', 'xy']);
  });
  test('templates know blank, and what has no value has no size', async () => {
    expect(await env(withVariables('e: {type: string, value: " ", empty_is_nil: false}\nn: {type: string, required: false}', '{% if e == blank and n == blank %}1{% endif %}{% if n.size > 0 %}2{% endif %}'))).toEqual(['X=1']);
  });
  test('hooks take numbers with commas', async () => {
    expect(errors(await read('stack: s\nservices: {a: {image: b, hooks: {pre_start: [{name: n, cmd: c, instances: "1,2"}]}}}\n'))).toEqual([]);
  });
  test('an empty volume, a list of dependencies and an argument without = are refused in words', async () => {
    expect(errors(await read('stack: s\nservices: {a: {image: b, build: {context: ., args: [x]}}}\nvolumes: {v: {}}\ndepends: [x]\n'))).toEqual(['must be NAME=VALUE, and is the text "x"', 'external is missing', 'must be a mapping of names to dependencies, and is a list']);
  });
  test('truth and falsehood may be written otherwise', async () => {
    expect(await env(withVariables('b: {type: boolean, value: true, true: on-it-is, false: off-it-is}', '${b}'))).toEqual(['X=on-it-is']);
  });
  test('what is made from a value of the vault is not stored either, nor told in a message', async () => {
    const cluster = { secret: () => Promise.resolve('hidden'), services: () => Promise.resolve([]), instances: () => Promise.resolve(undefined), certificates: () => Promise.resolve([]), secretNames: () => Promise.resolve([]) };
    const variables = 'p: {type: string, from: {vault: s}}\nurl: {type: string, from: {interpolate: "db://$p@db"}}\nsame: {type: string, from: {variable: url}}\nif: {type: string, only_if: p, value: open}\nto: {type: string, value: shut, to: {vault: w}}\nmade: {type: string, from: {interpolate: "x$to"}}';
    const result = await readStack(reading(withVariables(variables, '1'), { outside: { ...reading('').outside, cluster } }));
    expect([errors(result), result.stack?.variables, result.variables]).toEqual([[], { if: 'open' }, { if: 'open' }]);
    expect(JSON.stringify(result.apiRequest)).not.toContain('hidden');
    const wrong = 'p: {type: string, in: [a, b], from: {vault: s}}\nu: {type: uri, from: {variable: p}}\ne: {type: enum, options: [a], from: {vault: s}}\nn: {type: integer, max: 1, value: 4711, to: {vault: n}}\nw: {type: integer, from: {vault: s}, required: false}\nsum: {type: integer, from: {evaluate: $p + 1}, required: false}';
    const refused = await readStack(reading(withVariables(wrong, '1'), { outside: { ...reading('').outside, cluster } }));
    expect(errors(refused)).toHaveLength(6);
    expect(JSON.stringify(refused.mistakes)).not.toMatch(/hidden|4711/);
  });

  test('what goes through the environment stays what it is', async () => {
    const cluster = { secret: () => Promise.resolve('hidden'), services: () => Promise.resolve([]), instances: () => Promise.resolve(undefined), certificates: () => Promise.resolve([]), secretNames: () => Promise.resolve([]) };
    const variables = 'p: {type: string, from: {vault: s}, to: {env: PW}}\nopen: {type: string, from: {env: HOME}}\ncopy: {type: string, from: {env: PW}}\nPW: {type: string}';
    const result = await readStack(reading(withVariables(variables, '1'), { environment: { HOME: '/root' }, outside: { ...reading('', { environment: { HOME: '/root' } }).outside, cluster } }));
    expect([errors(result), result.variables]).toEqual([[], { open: '/root' }]);
    expect(JSON.stringify([result.stack, result.apiRequest])).not.toContain('hidden');
  });

  test.each([
    ['$p', 'A=$p', ['the value of "p" has to do with the vault, and is stored here with the stack for all to read']],
    ['in braces', 'A=${p}', ['the value of "p" has to do with the vault, and is stored here with the stack for all to read']],
    ['by a template', 'A={{ p | upcase }}', ['the value of "p" has to do with the vault, and is stored here with the stack for all to read']],
    ['by its name in the environment', 'A=$ENV_P', ['the value of "p" has to do with the vault, and is stored here with the stack for all to read']],
    ['not at all', 'A=$$p', []],
    ['another of a longer name', 'A=$pq', []],
  ])('a value of the vault written into the stack is warned of: %s', async (_title, text, expected) => {
    const result = await read(withVariables('p: {type: string, value: x, to: {vault: s, env: ENV_P}}\npq: {type: string, value: y}\n"odd(": {type: string, value: z, to: {vault: o}}', text));
    expect(result.mistakes.map(({ severity, message }) => [severity, message])).toEqual(expected.map((message) => ['warning', message]));
  });

  test('a variable of the vault may be called anything', async () => {
    expect(errors(await read(withVariables('"a[b": {type: string, value: x, to: {vault: s}}\n"(": {type: string, value: x, to: {vault: s}}', '1')))).toEqual([]);
  });

  test('what only the reader sees is not warned of', async () => {
    const variables = 'p: {type: string, value: x, to: {vault: s}}\n# $p\nq:\n    type: string\n    from:\n      interpolate: a$p';
    expect((await read(withVariables(variables, '1'))).mistakes).toEqual([]);
  });

  test('values from or to the vault are not stored', async () => {
    const result = await readStack(reading(withVariables('p: {type: string, from: {vault: secret-name}}\nq: {type: string, value: open}\nr: {type: string, value: shut, to: {vault: w}}', '1'), { outside: { ...reading('').outside, cluster: { secret: () => Promise.resolve('hidden'), services: () => Promise.resolve([]), instances: () => Promise.resolve(undefined), certificates: () => Promise.resolve([]), secretNames: () => Promise.resolve([]) } } }));
    expect([result.stack?.variables, result.variables, result.secrets]).toEqual([{ q: 'open' }, { q: 'open' }, { w: 'shut' }]);
    expect(JSON.stringify(result.stack)).not.toContain('hidden');
    expect(JSON.stringify(result.apiRequest)).not.toContain('hidden');
  });
});

describe('what only a machine would refuse is refused in the file', () => {
  test.each<[string, readonly string[]]>([
    ['65535:1', []],
    ['127.0.0.1:53:53/udp', []],
    ['[::1]:53:53', []],
    ['65536:1', ['65536 is not a port']],
    ['1:0', ['0 is not a port']],
    ['0:80', ['0 is not a port']],
    ['99999:80', ['99999 is not a port']],
    ['300.0.0.1:1:1', ['300.0.0.1 is not an IP address']],
  ])('the port %s', async (port, expected) => {
    expect(errors(await read(`stack: s\nservices: {a: {image: b, ports: ["${port}"]}}\n`))).toEqual(expected);
  });
});

describe('more mistakes than anybody reads', () => {
  const named = (count: number, service: string): string => `stack: s\nservices:\n${Array.from({ length: count }, (_none, index) => `  a${String(index)}: ${service}\n`).join('')}`;

  test('as many as are shown are all there', async () => {
    const { mistakes } = await read(named(200, '{build: .}'));
    expect([mistakes.length, mistakes.at(-1)?.line]).toEqual([200, 202]);
  });
  test('one more is said to be there', async () => {
    const { mistakes } = await read(named(201, '{build: .}'));
    expect([mistakes.length, mistakes.at(-1)]).toEqual([201, { severity: 'error', path: '', message: 'and more: 200 are shown' }]);
  });
  test('an error is one though warnings came before it', async () => {
    const { mistakes, stack } = await read(`${named(201, '{image: b, mem_swaplimit: 1m}')}  last: {build: .}\n`);
    expect([stack, mistakes.at(-1)?.severity]).toEqual([undefined, 'error']);
  });
});
