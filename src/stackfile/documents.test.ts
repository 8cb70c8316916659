import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { checkStack, convertCompose, initialStackFile, readStack, readVolumes, stackSchema } from './index.js';
import { reading } from './reading-for-tests.js';

const root = join(import.meta.dirname, '../..');
const manual = readFileSync(join(root, 'docs/stack-file.md'), 'utf8');
const examples = [...manual.matchAll(/```yaml\n([\s\S]*?)```/g)].map(([, text = ''], index) => [`${index + 1}: ${text.split('\n')[0] ?? ''}`, text] as const);
const isOfVolumes = ([, text]: readonly [string, string]): boolean => text.startsWith('kind: Volume');

describe('the manual', () => {
  test.each(examples.filter((example) => !isOfVolumes(example)))('example %s is a stack file', async (_title, text) => {
    const { mistakes, stack } = await readStack(reading(text, { asMaster: true }));
    expect(mistakes.filter(({ severity, message }) => severity === 'error' || !message.includes('has no value'))).toEqual([]);
    expect(checkStack(stack)).toEqual([]);
  });
  test.each(examples.filter(isOfVolumes))('example %s declares volumes', (_title, text) => {
    expect(readVolumes({ name: 'volumes.yml', text })?.mistakes).toEqual([]);
  });
  test('there are examples', () => expect(examples.length).toBeGreaterThan(8));
});

interface Schema { readonly $ref?: string; readonly properties?: Readonly<Record<string, Schema>>; readonly description?: string; readonly examples?: readonly unknown[]; readonly definitions?: Readonly<Record<string, Schema>>; readonly anyOf?: readonly Schema[]; readonly items?: Schema }

describe('the schema', () => {
  test('every key has a description and an example', async () => {
    const bare: string[] = [];
    const visit = (schema: Schema, path: string): void => {
      for (const [name, inner] of Object.entries(schema.properties ?? {})) {
        if (inner.$ref !== undefined) continue; // it is among the definitions
        if (inner.description === undefined || (inner.examples === undefined && inner.properties === undefined)) bare.push(`${path}.${name}`);
        for (const next of [inner, inner.items ?? {}, ...(inner.anyOf ?? []), ...(inner.items?.anyOf ?? [])]) visit(next, `${path}.${name}`);
      }
    };
    const schema: Schema = await stackSchema();
    for (const [name, definition] of Object.entries({ file: schema, ...schema.definitions })) visit(definition, name);
    expect(bare).toEqual([]);
  });

  test('every example of a key of a service is accepted', async () => {
    const schema: Schema = await stackSchema();
    const cases = Object.entries(schema.definitions?.['service']?.properties ?? {}).flatMap(([key, { examples: given = [] }]) => given.map((example) => ({ key, example })));
    for (const { key, example } of cases.filter(({ key: name }) => !['extends', 'env_file', 'volumes', 'links', 'depends_on'].includes(name))) {
      const text = JSON.stringify({ stack: 's', services: { a: { image: 'b', [key]: example } } });
      const { mistakes } = await readStack(reading(text));
      expect({ key, example, errors: mistakes.filter(({ severity }) => severity === 'error') }).toEqual({ key, example, errors: [] });
    }
    expect(cases.length).toBeGreaterThan(60);
  });
});

test('the file to begin with is valid', async () => {
  const { mistakes, stack } = await readStack(reading(initialStackFile('todo'), { asMaster: true }));
  expect([mistakes, stack?.name]).toEqual([[], 'todo']);
});

test('the file to begin with promises nothing that is not so', () => {
  expect(initialStackFile('todo')).toContain('Their names do not resolve inside containers yet.');
  expect(initialStackFile('todo')).not.toMatch(/beforehand|reaches/);
});

describe('what the master checks again', () => {
  const good = async () => (await readStack(reading('stack: s\nservices: {a: {image: b, links: [c]}, c: {image: d}}\n'))).stack!;

  test('what the reader makes is accepted', async () => {
    expect(checkStack(await good())).toEqual([]);
  });
  test.each<[string, (stack: Awaited<ReturnType<typeof good>>) => unknown, readonly string[]]>([
    ['not a stack', () => 'x', ['must be a mapping, and is the text "x"']],
    ['an unknown field', (stack) => ({ ...stack, extra: 1 }), ['"extra" is not a key of a stack']],
    ['a wrong name', (stack) => ({ ...stack, name: '../x' }), ['must be letters, digits, - and _, at most 63, and begin with a letter or digit, and is the text "../x"']],
    ['a port that is none', (stack) => ({ ...stack, services: { a: { ...stack.services['c'], ports: [{ ip: '0.0.0.0', nodePort: 99999, containerPort: 1, protocol: 'tcp' }] } } }), ['must be at most 65535, and is the number 99999']],
    ['a link to nothing', (stack) => ({ ...stack, services: { a: stack.services['a'] } }), ['service "a" is linked to "c", which is not in the stack']],
    ['links in a circle', (stack) => ({ ...stack, services: { ...stack.services, c: { ...stack.services['c'], links: [{ service: 's/a', alias: 'a' }] } } }), ['services are linked in a circle: a → c → a']],
    ['no services', (stack) => ({ ...stack, services: {} }), ['the stack has no services']],
    ['exposing nothing', (stack) => ({ ...stack, expose: 'x' }), ['there is no service "x" to expose']],
    ['a label that is none', (stack) => ({ ...stack, labels: ['x'] }), ['must be NAME=VALUE, and is the text "x"']],
    ['a port twice', (stack) => ({ ...stack, services: { ...stack.services, c: { ...stack.services['c'], ports: [1, 2].map((containerPort) => ({ ip: '0.0.0.0', nodePort: 80, containerPort, protocol: 'tcp' })) } } }), ['port 80/tcp of the node is taken twice']],
  ])('%s', async (_title, change, messages) => {
    expect(checkStack(change(await good())).map(({ message }) => message)).toEqual(messages);
  });

  const VARIABLE = 'a variable of the environment';
  const FILE = 'a file in /run/secrets';
  test.each([
    ['secrets', 'env', 'DB.PASSWORD', undefined], ['secrets', 'env', '', VARIABLE], ['secrets', 'env', 'A=B', VARIABLE], ['secrets', 'env', 'A\0', VARIABLE],
    ['secrets', 'file', 'a=b.pem', undefined], ['secrets', 'file', '', FILE], ['secrets', 'file', '/etc/x', FILE], ['secrets', 'file', '..', FILE],
    ['certificates', 'env', 'CERT', undefined], ['certificates', 'env', 'A=B', VARIABLE],
  ])('what is opened by %s as %s may or may not be called %j', async (key, type, name, what) => {
    const stack = await good();
    const use = { [key === 'secrets' ? 'secret' : 'subject']: 'example.com', name, type };
    const found = checkStack({ ...stack, services: { ...stack.services, c: { ...stack.services['c'], [key]: [use] } } });
    expect(found.map(({ path, message }) => [path, message])).toEqual(what === undefined ? [] : [[`services.c.${key}[0]`, `"${name}" cannot be the name of ${what}`]]);
  });
});

describe('docker-compose', () => {
  const compose = (text: string) => convertCompose({ name: 'docker-compose.yml', text }, 'shop');

  test('what has a counterpart is converted, and is valid', async () => {
    const { text = '', mistakes } = compose('version: "3.8"\nservices:\n  web:\n    image: "nginx:${TAG:-1.25}"\n    command: [nginx, -g, "daemon off;"]\n    ports: ["25:25", 8080:80, "7000-7001:7000-7001/udp", {target: 80, published: 81}]\n    environment: {A: 1.5, B: ""}\n    volumes: ["data:/data:ro"]\n    deploy: {replicas: 3, resources: {limits: {cpus: "0.5", memory: 512M}}, update_config: {order: start-first, failure_action: rollback}, placement: {constraints: [node.labels.disk == ssd]}}\n    healthcheck: {test: [CMD, curl], interval: 30s}\nvolumes: {data: {external: true}}\n');
    expect(mistakes).toEqual([]);
    const { stack, mistakes: wrong } = await readStack(reading(text, { asMaster: true }));
    expect(wrong).toEqual([]);
    expect(stack?.services['web']).toMatchObject({ image: 'nginx:1.25', instances: 3, command: ['nginx', '-g', 'daemon off;'], env: ['A=1.5', 'B='], cpus: 0.5, memoryBytes: 536870912, affinity: ['label==disk=ssd'], deploy: { order: 'start-first', onFailure: 'revert' }, healthCheck: { command: ['curl'], intervalSeconds: 30 } });
    expect(stack?.services['web']?.ports.map(({ nodePort }) => nodePort)).toEqual([25, 8080, 7000, 7001, 81]);
  });

  test('what has none is named, line by line', () => {
    const { mistakes } = compose('services:\n  web:\n    image: a\n    restart: always\n    networks: [x]\n    ports: ["80"]\n    volumes: ["./a:/b"]\n    network_mode: none\nnetworks: {x: }\nvolumes: {v: }\n');
    expect(mistakes.map(({ line, path }) => `${line ?? 0} ${path}`)).toEqual(['4 services.web.restart', '5 services.web.networks', '6 services.web.ports', '7 services.web.volumes', '8 services.web.network_mode', '9 networks']);
  });

  test('what has none within a key is named and left out, so that the result is valid', async () => {
    const { text = '', mistakes } = compose(`services:
  web:
    image: a
    build: {context: ., target: prod, args: {A: 1, B: }}
    environment: [A, B=1]
    logging: {driver: d, tag: t}
    healthcheck: {test: curl, start_interval: 5s}
    ports: [{target: 80, published: 81, host_ip: 127.0.0.1, app_protocol: http}]
    volumes: [{type: bind, source: /a, target: /b, bind: {propagation: shared}}]
    secrets: [{source: s, target: t, mode: 400}]
    deploy: {update_config: {parallelism: 2}, placement: {max_replicas_per_node: 1}, resources: {limits: {pids: 5}, reservations: {devices: []}}, restart_policy: {}}
`);
    expect(mistakes.filter(({ message }) => message.endsWith('has no counterpart')).map(({ line, message }) => `${line ?? 0} ${message.split(' ')[0] ?? ''}`)).toEqual([
      '4 build.target', '6 logging.tag', '7 healthcheck.start_interval', '8 ports.app_protocol', '9 volumes.bind', '10 secrets.mode',
      '11 deploy.update_config.parallelism', '11 deploy.placement.max_replicas_per_node', '11 deploy.resources.limits.pids', '11 deploy.resources.reservations.devices', '11 deploy.restart_policy',
    ]);
    expect(mistakes.find(({ line }) => line === 5)?.message).toContain('A has no value, and is left out');
    const { stack, mistakes: wrong } = await readStack(reading(text));
    expect(wrong).toEqual([]);
    expect(stack?.services['web']).toMatchObject({ env: ['B=1'], ports: [{ ip: '127.0.0.1', nodePort: 81, containerPort: 80 }] });
  });

  const service = (lines: string): string => `services:\n  web:\n    image: a\n${lines.split('\n').map((line) => `    ${line}\n`).join('')}  db: {image: b}\n`;
  const stackOf = async (text: string, environment: Readonly<Record<string, string>> = {}) => {
    const { stack, mistakes } = await readStack(reading(compose(text).text ?? '', { environment, asMaster: true }));
    return { web: stack?.services['web'], wrong: mistakes.filter(({ severity }) => severity === 'error') };
  };

  test.each<[string, Readonly<Record<string, string>>, object]>([
    ['ports: ["${P:-18340}:80"]', {}, { ports: [{ nodePort: 18340 }] }],
    ['ports: ["${P:-18340}:80"]', { P: '22' }, { ports: [{ nodePort: 22 }] }],
    ['ports: ["127.0.0.1:${P-22}:22/udp", {published: "${Q:-23}", target: 23}]', {}, { ports: [{ ip: '127.0.0.1', nodePort: 22, protocol: 'udp' }, { nodePort: 23 }] }],
    ['environment: {A: "${A-0.10}", B: "${B}", C: "x${C:?must be given}", cpus: "${D:-0.50}"}', { C: 'yes' }, { env: ['A=0.10', 'B=', 'C=xyes', 'cpus=0.50'] }],
    ['environment: {A: "${A:-}"}', {}, { env: ['A='] }],
    ['privileged: ${A:-true}\ncpus: "${B:-0.5}"\nscale: "${C:-3}"\nmem_limit: ${D:-1m}', {}, { privileged: true, cpus: 0.5, instances: 3, memoryBytes: 1048576 }],
    ['deploy: {replicas: "${A:-2}", resources: {reservations: {cpus: "${B:-0.25}"}}}', {}, { instances: 2, cpusReserved: 0.25 }],
    ['healthcheck: {test: "true", interval: 5s}', {}, { healthCheck: { intervalSeconds: 5, timeoutSeconds: 5 } }],
    ['healthcheck: {test: "true", interval: 20s}', {}, { healthCheck: { intervalSeconds: 20, timeoutSeconds: 10 } }],
    ['healthcheck: {test: "true", timeout: 90s}', {}, { healthCheck: { intervalSeconds: 60, timeoutSeconds: 60 } }],
    ['command: [/bin/sh, -c, "echo \\"$$HOME\\" a b"]\nentrypoint: [/init, "--", ""]', {}, { command: ['/bin/sh', '-c', 'echo "$HOME" a b'], entrypoint: ['/init', '--', ''] }],
    ['command: sh -c "a b"\nnetwork_mode: host', {}, { command: ['sh', '-c', 'a b'], network: 'host' }],
    ['tmpfs: /run\nvolumes: [{type: tmpfs, target: /cache, tmpfs: {size: 64m}}]', {}, { tmpfs: ['/run', '/cache:size=64m'], volumes: [] }],
  ])('%s, given %j', async (lines, environment, expected) => {
    const { web, wrong } = await stackOf(service(lines), environment);
    expect(wrong).toEqual([]);
    expect(web).toMatchObject(expected);
  });

  test('a variable that must be given is required, and one that nothing uses is not declared', async () => {
    const { text } = compose(service('restart: ${R:-always}\nhostname: ${H:?name it}'));
    expect(text).not.toContain('R:');
    expect((await readStack(reading(text ?? ''))).mistakes.map(({ message }) => message)).toContain('variable "H" has no value, and needs one');
  });

  test('extending a service of the same file needs no more than its name', async () => {
    expect((await stackOf('services:\n  web: {extends: {service: db}, image: a}\n  db: {image: b, command: run}\n'))).toMatchObject({ wrong: [], web: { command: ['run'] } });
  });

  test.each<[string, readonly string[]]>([
    ['healthcheck: {disable: true}', []],
    ['healthcheck: {test: [NONE]}', []],
    ['command: []', []],
    ['networks: {front: {aliases: [www, site]}}', ['networks has no counterpart, and its aliases are left out: www, site']],
    ['environment: {URL: "postgres://u:p@db:5432/x"}', ['URL names the service "db", and no container finds it by that name']],
    ['environment: ["HOST=${DB:-db}"]', ['HOST names the service "db", and no container finds it by that name']],
    ['environment: {A: /db, B: "db://host/db", C: web, D: http://web}', []],
    ['volumes: ["${D:-./data}:/data"]', ['./data:/data is relative to one machine, and is left out: an instance may run on any node']],
    ['environment: {A: "${B:+c}"}', ['${B:+c} has no counterpart: the value of B itself is put there']],
    ['healthcheck: {test: a, interval: 5s, timeout: 6s}', ['a timeout of 6s is longer than the interval, and is made 5s']],
  ])('%s is told of', (lines, messages) => {
    expect(compose(service(lines)).mistakes.map(({ message }) => message)).toEqual(messages);
  });

  test('a volume is told of only for what the engine would make otherwise', () => {
    const { text, mistakes } = compose('services: {web: {image: a}}\nvolumes: {static: , other: {driver: nfs}}\n');
    expect([text, mistakes.map(({ path }) => path)]).toEqual([expect.stringContaining('static:\n    external: true'), ['volumes.other']]);
  });

  test('no advice says that services reach each other by themselves', () => {
    const { mistakes } = compose(service('expose: ["80"]\nports: ["80"]'));
    expect(mistakes.map(({ hint }) => hint?.includes('names of services do not resolve inside containers yet'))).toEqual([true, true]);
  });

  test('a number of base 8 is answered with quotes', () => {
    expect(compose(service('group_add: [0400]')).mistakes.map(({ hint }) => hint)).toEqual(['write quotes: "0400"']);
  });

  test.each([['web: {image: a}\n', 'has no services'], ['- a\n', 'must be a mapping with services'], ['a: [\n', 'is not YAML']])('%j is refused', (text, message) => {
    const { text: made, mistakes } = compose(text);
    expect([made, mistakes[0]?.message]).toEqual([undefined, expect.stringContaining(message)]);
  });
});
