import { describe, expect, test } from '@jest/globals';
import { readStack } from './index.js';
import { reading } from './reading-for-tests.js';

/** What is said of a file: line and column, path, message and hint. */
async function said(text: string): Promise<readonly string[]> {
  const { mistakes } = await readStack(reading(text));
  return mistakes.map(({ line = 0, column = 0, path, message, hint }) => `${line}:${column} ${path}: ${message}${hint === undefined ? '' : ` (${hint})`}`);
}

const web = (...lines: readonly string[]): string => `stack: a\nservices:\n  web:\n${lines.map((line) => `    ${line}\n`).join('')}`;
const variables = (definition: string, image: string): string => `stack: a\nvariables:\n  ${definition}\nservices: {web: {image: "b:1"}}\ndata:\n  x: ${image}\n`;

describe('what is not YAML is told where a person looks for it, once', () => {
  const beside = (column: number, meant: number, line: number): string => `is not YAML: the line begins in column ${column}, and none above that it could stand beside does (begin it in column ${meant}, as line ${line}: with ${meant - 1} spaces before it)`;
  test.each<[string, string, readonly string[]]>([
    ['a key one column too far left', 'stack: a\nservices:\n  web:\n    image: b:1\n   ports: []\n', [`5:4 : ${beside(4, 5, 4)}`]],
    ['a key left of those of its own service', 'stack: a\nservices:\n  db:\n     image: c:1\n\n    # why\n    command: x\n', [`7:5 : ${beside(5, 6, 4)}`]],
    ['below lines that hold nothing', '\n\nstack: a\n\n  # why\n x: 1\n', ['6:2 : is not YAML: the line begins in column 2, and none above that it could stand beside does (begin it in column 1, as line 3: with no space before it)']],
    ['in a file that begins with an empty line', '\nservices:\n    a: 1\n  b: 1\n', [`4:3 : ${beside(3, 5, 3)}`]],
    ['a key one column too far right', web('image: b:1', ' ports: []'), ['5:6 : is not YAML: the line is indented deeper than line 4, which has a value already (begin it in column 5, as line 4: with 4 spaces before it)']],
    ['a colon in a value', web('command: echo a: b'), ['4:14 : is not YAML: the value holds a colon that makes a key of it (write quotes around the whole value)']],
    ['a quotation mark to the end', web('image: "b:1', 'command: x'), ['4:12 : is not YAML: the quotation mark " opens here, and is not closed (write " at the end of the value too)']],
    ['a quotation mark to the next', web("image: 'b:1", "ports: ['80:80']"), ["4:12 : is not YAML: the quotation mark ' opens here, and is not closed (write ' at the end of the value too)"]],
    ['a tab', 'stack: a\nservices:\n\tweb: {image: b}\n', ['3:1 : is not YAML: tabs are not allowed as indentation (indent with spaces, not tabs)']],
    ['{{', web('image: "b:{{ tag }"'), ['4:15 services.web.image: Liquid: a {{ opens here, and is not closed (write }} after the name)']],
    ['{%', web('# {% if true', 'image: b'), ['4:7 services.web: Liquid: a {% opens here, and is not closed (write %} at the end of the tag)']],
    ['{% if %}', web('# {%- if true %}', 'image: b'), ['4:7 services.web: Liquid: {%- if true %} has no end (write # {% endif %} where it ends)']],
  ])('%s', async (_title, text, expected) => {
    expect((await said(text))).toEqual(expected);
  });
});

describe('what to write instead', () => {
  test.each<[string, string]>([
    ['image: b\ninstances: "2"', '5:16 services.web.instances: must be a whole number, and is the text "2" (write it without quotes: 2)'],
    ['image: b\ncpus: "0.5"', '5:11 services.web.cpus: must be a number, and is the text "0.5" (write it without quotes: 0.5)'],
    ['image: b\nprivileged: "true"', '5:17 services.web.privileged: must be true or false, and is the text "true" (write it without quotes: true)'],
    ['image: b\ninstances: many', '5:16 services.web.instances: must be a whole number, and is the text "many"'],
    ['image: b\nuser: 1000', '5:11 services.web.user: must be text, and is the number 1000 (write quotes around it)'],
    ['image: b\nsecrets: [db-password]', '5:15 services.web.secrets[0]: must be a mapping, and is the text "db-password" ({secret: db-password, name: DB_PASSWORD, type: env})'],
    ['image: b\nrestart: always', '5:5 services.web.restart: "restart" is not a key of a service (leave it out: a container that ends is always started again)'],
    ['image: b\nnetworks: [front]', '5:5 services.web.networks: "networks" is not a key of a service (write networks: [NAME] at the top of the file: all services of a stack are on its networks)'],
    ['image: b\ncommand: []', '5:5 services.web.command: must hold one word at least, and is a list (leave the key out for what the image itself says)'],
    ['image: b\ncommand: [sleep, 10]', '5:22 services.web.command[1]: must be text, and is the number 10 (write quotes around it)'],
    ['image: b\nentrypoint: {a: b}', '5:5 services.web.entrypoint: must be a command line or a list of words, and is a mapping'],
    ['image: b\nhealth_check: {protocol: command, command: "a \'b"}', "5:48 services.web.health_check.command: has a quotation mark that is not closed: 'b"],
    ['image: b\nhealth_check: {protocol: engine, port: 80, restart: false}', '5:38 services.web.health_check.port: says nothing with protocol engine (the image says it with HEALTHCHECK)'],
    ['image: b\nhealthcheck: {test: [CMD]}', '5:25 services.web.healthcheck.test: CMD stands alone (write the words of the command, or the line, behind it)'],
    ['image: b\nhooks: {pre_start: [{name: a, cmd: [], instances: 1}]}', '5:35 services.web.hooks.pre_start[0].cmd: must hold one word at least, and is a list'],
    ['image: b\nports: ["8000-8010:80"]', '5:13 services.web.ports[0]: the ranges of "8000-8010:80" do not fit each other (both count up and are equally long, like 8000-8010:9000-9010, and hold at most 1000 ports)'],
    ['image: b\nports: ["80-79:80-79"]', '5:13 services.web.ports[0]: the ranges of "80-79:80-79" do not fit each other (both count up and are equally long, like 8000-8010:9000-9010, and hold at most 1000 ports)'],
    ['image: b\nports: ["65530-65540:1-11"]', '5:13 services.web.ports[0]: 65536 is not a port (ports are 1 to 65535)'],
    ['image: b\nnetwork_mode: service:db', '5:19 services.web.network_mode: must be bridge, host, or container:NAME, and is the text "service:db"'],
    ['image: b\nnetwork_mode: host\nnet: host', '6:5 services.web.net: stands beside network_mode (keep one of them)'],
    ['image: b\ncontainer_name: x', '5:5 services.web.container_name: "container_name" is not a key of a service (leave it out: containers are named after stack, service and instance)'],
  ])('%s', async (lines, expected) => {
    expect((await said(web(...lines.split('\n'))))).toEqual([expected]);
  });

  test.each(['expose: ["80"]'])('%s has no counterpart, and says why', async (line) => {
    const [only = ''] = await said(web('image: b', line));
    expect(only).toMatch(/is not a key of a service \(leave it out: .*names of services do not resolve inside containers yet/);
  });

  test('a service that is not indented', async () => {
    expect(await said('stack: a\nservices:\n  web:\n  image: bb:1\n')).toEqual(['3:3 services.web: must be a mapping, and is nothing', '4:10 services.image: must be a mapping, and is the text "bb:1" (indent it under the service above)']);
  });
  test('a volume without anything', async () => {
    expect(await said(`${web('image: b')}volumes: {data: {}}\n`)).toEqual(['5:11 volumes.data.external: external is missing (external: true)']);
  });
});

describe('variables', () => {
  test.each<[string, string, readonly string[]]>([
    ['one that is missing makes no key of the value it stands in', variables('x: {type: string}', 'bb:$x'), ['3:3 variables.x: variable "x" has no value, and needs one (set it with -v x=VALUE)', '6:9 data.x: variable "x" has no value; nothing is put in its place (set it with -v x=VALUE)']],
    ['an empty default is none', variables('x: {type: string, default: ""}', '1'), ['3:3 variables.x: variable "x" has no value, and needs one: an empty default is none, write required: false where there may be none (set it with -v x=VALUE)']],
    ['bounds that nothing is within', variables('x: {type: integer, min: 5, max: 2, required: false}', '1'), ['3:27 variables.x.min: min is 5 and max is 2: no value is within (see which is meant to be greater)']],
    ['lengths that nothing has', variables('x: {type: string, min_length: 5, max_length: 2, required: false}', '1'), ['3:33 variables.x.min_length: min_length is 5 and max_length is 2: no value is within (see which is meant to be greater)']],
    ['bounds that meet', variables('x: {type: integer, min: 5, max: 5, value: 5}', '1'), []],
  ])('%s', async (_title, text, expected) => {
    expect((await said(text))).toEqual(expected);
  });
});
