import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { readStack, type ReadResult } from './index.js';
import { reading } from './reading-for-tests.js';

/** By hand: KONTENA_FUZZ_SECONDS=600 KONTENA_FUZZ_FILES=folder npx jest src/stackfile/fuzz.test.ts */
const SECONDS = Number(process.env['KONTENA_FUZZ_SECONDS'] ?? '0');
const FOLDER = process.env['KONTENA_FUZZ_FILES'];
const RUNS = 150;
/** Two seconds are the goal; code that is transformed for the test, beside other work, takes about twice as long. */
const LONGEST_MS = 5000;

const SEEDS: readonly string[] = [
  `stack: acme/todo
version: 1.0.0
variables:
  tag: {type: string, default: "7"}
  count: {type: integer, value: 3, min: 1}
  pass:
    type: string
    from: {vault: x, random_string: {length: 8, charset: hex}}
    to: {vault: x}
  sum: {type: integer, from: {evaluate: "\${count} * 2"}}
  mode: {type: enum, options: [a, b], default: a, only_if: {count: {gte: 2}}}
services:
  web:
    image: nginx:\${tag}
    instances: {{ count }}
    ports: ["80:8080"]
    links: [db]
    # {% for i in (1..count) %}
    # {{ i }}
    # {% endfor %}
    environment:
      - A=\${STACK}
      - B={{ tag | upcase }}
    volumes: ["data:/x:ro"]
    deploy: {strategy: ha, min_health: 0.5, interval: 1d}
    health_check: {protocol: http, port: 80}
    hooks: {post_start: [{name: a, cmd: b, instances: "1,2"}]}
  db: &db
    image: redis
    stateful: true
    command: redis-server --appendonly "yes"
  other:
    extends: db
    environment: {X: 1}
    only_if: mode
volumes:
  data: {external: {name: d}}
depends: {}
`,
  'stack: a\ndata:\n  x: &x {affinity: [a==b]}\nservices:\n  a:\n    <<: *x\n    image: b\n    secrets:\n      - {secret: a, name: b, type: env}\n    env_file: [x.env]\n    build: {context: ., args: [a=b]}\n    command: [sh, -c, "a b"]\n    net: host\n    ports: ["80-82:80-82/udp", "[::1]:1:1"]\n    healthcheck: {test: [CMD-SHELL, a]}\n    hooks: {pre_stop: [{name: a, cmd: [b, c], instances: 1}]}\nallow: [shop]\nnetworks: [front]\n',
];

const TOKENS: readonly string[] = [
  '{{', '}}', '{%', '%}', '{% for i in (1..99999999) %}x{% endfor %}', '{% raw %}', '{% include "x" %}', '&a', '*a', '<<: *a', '${STACK}', '$', '$$', '${', '[', ']', '{', '}', '[[[[[[[[[[', '!!binary x', '!foo',
  '? ', ': ', '- ', '- - - - ', '\t', '\u0000', '|', '>', '|-\n', '"', "'", '#', '%YAML 1.2', '---', '...', '\n', '\r\n', 'null', '~', 'true', '25:25', '2001-01-01', '1e999', '-1', '99999999999999999999', '.inf',
  '__proto__: {x: 1}', 'constructor: 1', 'toString', '\u2028', '\uFEFF', '\uD800', 'a: &x [*x]', 'x'.repeat(300),
  '{% assign s = "aaaaaaaaaa" %}{% for i in (1..40) %}{% assign s = s | append: s %}{% endfor %}{{ s }}', '{% for i in (1..9999) %}{% for j in (1..9999) %}{% endfor %}{% endfor %}',
];

/** A small generator of numbers, so that a run can be repeated. */
function generator(seed: number): (below: number) => number {
  let state = seed >>> 0;
  return (below) => {
    state = (Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + 0x9e3779b9) >>> 0;
    return Math.floor(((state ^ (state >>> 13)) >>> 0) / 2 ** 32 * below);
  };
}

type Mutation = (text: string, pick: (below: number) => number) => string;

const atLine = (text: string, pick: (below: number) => number, change: (lines: string[], index: number) => void): string => {
  const lines = text.split('\n');
  change(lines, pick(lines.length));
  return lines.join('\n');
};

const MUTATIONS: readonly Mutation[] = [
  (text, pick) => text.slice(0, pick(text.length)) + text.slice(pick(text.length)),
  (text, pick) => { const at = pick(text.length); return text.slice(0, at) + String.fromCharCode(pick(300)) + text.slice(at + 1); },
  (text, pick) => { const at = pick(text.length); return text.slice(0, at) + (TOKENS[pick(TOKENS.length)] ?? '') + text.slice(at); },
  (text, pick) => atLine(text, pick, (lines, index) => lines.splice(index, 1)),
  (text, pick) => atLine(text, pick, (lines, index) => lines.splice(index, 0, lines[pick(lines.length)] ?? '')),
  (text, pick) => atLine(text, pick, (lines, index) => { lines[index] = ' '.repeat(pick(6)) + (lines[index] ?? ''); }),
  (text, pick) => atLine(text, pick, (lines, index) => { lines[index] = (lines[index] ?? '').replace(/:.*/, `: ${TOKENS[pick(TOKENS.length)] ?? ''}`); }),
  (text, pick) => atLine(text, pick, (lines, index) => { lines[index] = (lines[index] ?? '').replace(/\w+/, ['yes', '0', 'image', 'services', 'extends', 'variables'][pick(6)] ?? ''); }),
  (text, pick) => text + text.slice(pick(text.length)),
];

function mutated(seed: number, texts: readonly string[]): string {
  const pick = generator(seed);
  let text = texts[pick(texts.length)] ?? '';
  for (let times = 1 + pick(6); times > 0; times -= 1) text = (MUTATIONS[pick(MUTATIONS.length)] ?? ((same: string) => same))(text, pick);
  return text;
}

async function judged(text: string, label: string): Promise<ReadResult> {
  const started = process.cpuUsage();
  let result: ReadResult;
  try {
    result = await readStack(reading(text));
  } catch (error) {
    throw new Error(`${label} threw ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`, { cause: error });
  }
  const tookMs = process.cpuUsage(started).user / 1000; // the machine may be busy with other things
  if (tookMs > LONGEST_MS) throw new Error(`${label} took ${tookMs} ms`);
  const hasErrors = result.mistakes.some(({ severity }) => severity === 'error');
  if (hasErrors === (result.stack !== undefined)) throw new Error(`${label} has ${hasErrors ? 'a stack in spite of errors' : 'neither a stack nor an error'}`);
  const near = result.mistakes.find(({ message }) => message.includes('call stack'));
  if (near !== undefined) throw new Error(`${label} came to the end of the stack, where V8 may end the process: ${near.message}`);
  return result;
}

const filesUnder = (folder: string): readonly string[] => readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile()).map((entry) => readFileSync(join(entry.parentPath, entry.name), 'utf8'));

test('whatever is written, it is read or refused in words, and soon', async () => {
  const texts = FOLDER === undefined ? SEEDS : [...SEEDS, ...filesUnder(FOLDER)];
  const until = Date.now() + SECONDS * 1000;
  let worst = 0;
  for (let seed = 1; seed <= RUNS || Date.now() < until; seed += 1) {
    await judged(mutated(seed, texts), `seed ${seed}`);
    worst = Math.max(worst, process.memoryUsage().rss);
    if (SECONDS > 0 && seed % 2000 === 0) process.stderr.write(`${seed} runs, ${Math.round(worst / 1024 / 1024)} MiB at most\n`);
  }
  expect(worst).toBeGreaterThan(0);
}, (SECONDS + 60) * 1000);

const deep = (open: string, close: string, times: number): string => `stack: a\nservices:\n  a:\n    image: ${open.repeat(times)}x${close.repeat(times)}\n`;
const bomb = (levels: number): string => `stack: a\ndata:\n  a0: &a0 [x,x,x,x,x,x,x,x,x]\n${Array.from({ length: levels }, (_, level) => `  a${level + 1}: &a${level + 1} [${Array.from({ length: 9 }, () => `*a${level}`).join(',')}]`).join('\n')}\nservices:\n  a: {image: b}\n`;

test.each([
  ['an empty file', ''],
  ['only a comment', '# nothing\n'],
  ['only a word', 'word'],
  ['anchors that explode', bomb(12)],
  ['anchors that explode, again and again', `${bomb(4)}${bomb(4).replace('stack: a\n', '').replace(/services:[\s\S]*/, '').repeat(250)}`],
  ['an anchor within itself', 'stack: a\nservices: &s\n  a: *s\n'],
  ['deep brackets', deep('[', ']', 100_000)],
  ['deep braces', deep('{a: ', '}', 50_000)],
  ['deep lists', `stack: a\nservices: ${'- '.repeat(100_000)}x\n`],
  ['deep indentation', `stack: a\n${Array.from({ length: 600 }, (_, level) => `${' '.repeat(level)}a:`).join('\n')}\n`],
  ['open quotation marks', `stack: a\nservices:\n  a:\n    image: "${'x'.repeat(200_000)}`],
  ['ten megabytes', `stack: a\nservices:\n${'  a: {image: b}\n'.repeat(650_000)}`],
  ['a quarter of a megabyte of list', `stack: a\nservices:\n  a:\n    image: b\n    environment:\n${'      - A=b\n'.repeat(18_000)}`],
  ['a quarter of a megabyte of references', `stack: a\nservices:\n  a:\n    image: b\n    environment:\n${'      - A=$undeclared\n'.repeat(11_000)}`],
  ['a quarter of a megabyte of keys', `stack: a\nservices:\n  a:\n    image: b\n${Array.from({ length: 15_000 }, (_, index) => `    key${index}: x\n`).join('')}`],
  ['a quarter of a megabyte of templates', `stack: a\nservices:\n  a:\n    image: b\n${'# {{ STACK }}\n'.repeat(18_000)}`],
  ['a template that never ends', 'stack: a\nservices:\n  a:\n    image: b\n# {% for i in (1..999999999) %}{% endfor %}\n'],
  ['templates in templates', `stack: a\nservices: {a: {image: b}}\n${'# {% if STACK %}\n'.repeat(14_000)}`],
  ['brackets in a template', `stack: a\nservices: {a: {image: b}}\n# {{ STACK${'[STACK'.repeat(20_000)} }}\n`],
  ['a template that doubles', 'stack: a\nservices: {a: {image: b}}\n# {% assign s = "aaaaaaaaaa" %}{% for i in (1..60) %}{% assign s = s | append: s %}{% endfor %}{{ s }}\n'],
  ['templates that leave nothing', '# {% if nothing %}\nstack: a\nservices: {a: {image: b}}\nvariables: {nothing: {type: boolean}}\n# {% endif %}\n'],
  ['a name that is none', 'stack: test/\nservices:\n  a:\n    image: redis\n'],
  ['a prototype', 'stack: a\nservices:\n  __proto__: {image: b}\n  constructor: {image: b}\n'],
  ['services that extend themselves', 'stack: a\nservices:\n  a: {extends: b}\n  b: {extends: a}\n'],
])('%s', async (title, text) => {
  await judged(text, title);
});
