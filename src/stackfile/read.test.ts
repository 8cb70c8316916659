import { describe, expect, test } from '@jest/globals';
import { checkStack, formatMistakes, readStack, type ReadOptions } from './index.js';
import { reading } from './reading-for-tests.js';

type Given = Parameters<typeof reading>[1];

/** Mistakes as lines: place, severity, path, message, hint. */
async function said(text: string, given?: Given): Promise<readonly string[]> {
  const { mistakes } = await readStack(reading(text, given));
  return mistakes.map(({ file, line, column, length, severity, path, message, hint }) => `${file ?? ''}:${line ?? 0}:${column ?? 0}+${length ?? 0} ${severity} ${path}: ${message}${hint === undefined ? '' : ` (${hint})`}`);
}

async function service(lines: string, given?: Given) {
  const result = await readStack(reading(`stack: todo\nservices:\n  web:\n${lines.split('\n').map((line) => `    ${line}`).join('\n')}\n`, given));
  expect(result.mistakes.filter(({ severity }) => severity === 'error')).toEqual([]);
  return { spec: result.stack!.services['web']!, request: (result.apiRequest!['services'] as readonly Readonly<Record<string, unknown>>[])[0]!, ...result };
}

describe('what the master stores', () => {
  test('a service with nothing but an image gets every default', async () => {
    const { spec } = await service('image: redis');
    expect(spec).toEqual({
      image: 'redis:latest', instances: 1, stateful: false, env: [], labels: {}, ports: [], links: [], network: 'bridge', extraHosts: [], dns: [], volumes: [], volumesFrom: [], tmpfs: [],
      affinity: [], deploy: { strategy: 'ha', minHealth: 0.8, order: 'stop-first', onFailure: 'pause', settleSeconds: 5 }, hooks: { preStart: [], postStart: [], preStop: [] },
      secrets: [], certificates: [], privileged: false, readOnly: false, capAdd: [], capDrop: [], securityOpt: [], groupAdd: [], devices: [], sysctls: {}, ulimits: [], stopGraceSeconds: 10,
    });
  });

  test.each([
    ['image: host:5000/redis', { image: 'host:5000/redis' }],
    ['image: a\ncommand: sh -c "echo \'a b\'" c\\ d', { command: ['sh', '-c', "echo 'a b'", 'c d'] }],
    ['image: a\ncommand: "a\\u00a0b\\fc \\\\"', { command: ['a\u00a0b', 'c', '\\'] }],
    ['image: a\nentrypoint: /bin/x -y', { entrypoint: ['/bin/x', '-y'] }],
    ['image: a\ncommand: ["/bin/sh", "-c", "echo \'a b\' \\"$$HOME\\""]\nentrypoint: ["/my init", "", "a b"]', { command: ['/bin/sh', '-c', 'echo \'a b\' "$HOME"'], entrypoint: ['/my init', '', 'a b'] }],
    ['image: a\nports: ["8000-8002:9000-9002/udp", "[::1]:80:80", "10.0.0.1:1-2:1-2"]', { ports: [
      { ip: '0.0.0.0', nodePort: 8000, containerPort: 9000, protocol: 'udp' }, { ip: '0.0.0.0', nodePort: 8001, containerPort: 9001, protocol: 'udp' }, { ip: '0.0.0.0', nodePort: 8002, containerPort: 9002, protocol: 'udp' },
      { ip: '::1', nodePort: 80, containerPort: 80, protocol: 'tcp' }, { ip: '10.0.0.1', nodePort: 1, containerPort: 1, protocol: 'tcp' }, { ip: '10.0.0.1', nodePort: 2, containerPort: 2, protocol: 'tcp' },
    ] }],
    ['image: a\nextra_hosts: ["a:10.0.0.1", "b=10.0.0.2", "c:::1", "d=[fe80::1]", "e:host-gateway"]', { extraHosts: ['a:10.0.0.1', 'b:10.0.0.2', 'c:::1', 'd:fe80::1', 'e:host-gateway'] }],
    ['image: a\nnetwork_mode: host', { network: 'host' }],
    ['image: a\nnet: host', { network: 'host' }],
    ['image: a\nnetwork_mode: "container:proxy-%s"\nhostname: me', { network: 'container:proxy-%s', hostname: 'me' }],
    ['image: a\nenvironment: {A: 1, B: true, C: , D: x}', { env: ['A=1', 'B=true', 'C=', 'D=x'] }],
    ['image: a\nports: ["80:8080", "127.0.0.1:53:53/udp"]', { ports: [{ ip: '0.0.0.0', nodePort: 80, containerPort: 8080, protocol: 'tcp' }, { ip: '127.0.0.1', nodePort: 53, containerPort: 53, protocol: 'udp' }] }],
    ['image: a\nlinks: [web, "web:me", system/lb, {name: system/db, alias: db}]\ndepends_on: [web]', { links: [{ service: 'todo/web', alias: 'web' }, { service: 'todo/web', alias: 'me' }, { service: 'system/lb', alias: 'lb' }, { service: 'system/db', alias: 'db' }] }],
    ['image: a\nvolumes: [/x, "/h:/y:ro"]', { volumes: [{ type: 'anonymous', path: '/x', flags: [] }, { type: 'bind', source: '/h', path: '/y', flags: ['ro'] }] }],
    ['image: a\nmem_limit: 64m\nmemswap_limit: 1g\nmem_reservation: 32m\nshm_size: 1k\ncpus: 1\ncpu_shares: 512', { memoryBytes: 67108864, memorySwapBytes: 1073741824, memoryReservationBytes: 33554432, shmSizeBytes: 1024, cpus: 1, cpuShares: 512 }],
    ['image: a\nmemswap_limit: -1', { memorySwapBytes: -1 }],
    ['image: a\ndeploy: {strategy: daemon, min_health: 1, wait_for_port: 80, wait_for_port_timeout: 2min, interval: 2h, grace: 5min, order: start-first, on_failure: revert, settle: 1m30s, resources: {reservations: {cpus: 1, memory: 1g}}}',
      { deploy: { strategy: 'daemon', minHealth: 1, waitForPort: 80, waitForPortSeconds: 120, intervalSeconds: 7200, graceSeconds: 300, order: 'start-first', onFailure: 'revert', settleSeconds: 90 }, cpusReserved: 1, memoryReservationBytes: 1073741824 }],
    ['image: a\nhealth_check: {protocol: http, port: 80, interval: 30}', { healthCheck: { protocol: 'http', port: 80, uri: '/', timeoutSeconds: 10, intervalSeconds: 30, initialDelaySeconds: 10, retries: 3 } }],
    ['image: a\nhealth_check: {protocol: tcp, port: 80, retries: 5, successes: 2, restart: false}', { healthCheck: { protocol: 'tcp', port: 80, timeoutSeconds: 10, intervalSeconds: 60, initialDelaySeconds: 10, retries: 5, successes: 2, restart: false } }],
    ['image: a\nhealth_check: {protocol: command, command: pg_isready -q}', { healthCheck: { protocol: 'command', command: ['pg_isready', '-q'], timeoutSeconds: 10, intervalSeconds: 60, initialDelaySeconds: 10, retries: 3 } }],
    ['image: a\nhealthcheck: {test: [CMD, a, b], interval: 1m30s, retries: 3}', { healthCheck: { protocol: 'command', command: ['a', 'b'], timeoutSeconds: 10, intervalSeconds: 90, initialDelaySeconds: 10, retries: 3 } }],
    ['image: a\nhealth_check: {protocol: command, command: [pg_isready, -U, "a b"]}', { healthCheck: { command: ['pg_isready', '-U', 'a b'] } }],
    ['image: a\nhealthcheck: {test: [CMD-SHELL, "a || b"]}', { healthCheck: { command: ['/bin/sh', '-c', 'a || b'] } }],
    ['image: a\nhealthcheck: {test: a || b}', { healthCheck: { command: ['/bin/sh', '-c', 'a || b'] } }],
    ['image: a\nhooks: {pre_start: [{name: m, cmd: [rake, "db:migrate", "a b"], instances: 1}]}', { hooks: { preStart: [{ name: 'm', command: ['rake', 'db:migrate', 'a b'], instances: [1] }] } }],
    ['image: a\nhooks: {pre_start: [{name: m, cmd: x y, instances: "1,2", oneshot: true}], pre_stop: [{name: d, cmd: z, instances: "*"}]}', { hooks: { preStart: [{ name: 'm', command: 'x y', instances: [1, 2], oneshot: true }], postStart: [], preStop: [{ name: 'd', command: 'z', instances: '*', oneshot: false }] } }],
    ['image: a\nulimits: {nofile: 5, nproc: {soft: 1, hard: 2}}\nsysctls: {a: 1}\nlabels: [x=y]\ndevices: [/dev/fuse]\ntmpfs: /run\ninit: true\nhostname: h\nworking_dir: /w\ngpus: all\nruntime: nvidia\nextra_hosts: {db: 10.0.0.1}\nsecurity_opt: [a:b]\ngroup_add: [5]',
      { ulimits: [{ name: 'nofile', soft: 5, hard: 5 }, { name: 'nproc', soft: 1, hard: 2 }], sysctls: { a: '1' }, labels: { x: 'y' }, devices: ['/dev/fuse'], tmpfs: ['/run'], init: true, hostname: 'h', workingDir: '/w', gpus: 'all', runtime: 'nvidia', extraHosts: ['db:10.0.0.1'], securityOpt: ['a:b'], groupAdd: ['5'] }],
    ['image: a\nstop_grace_period: 1h2m3.5s\nstop_signal: SIGINT', { stopGraceSeconds: 3723.5, stopSignal: 'SIGINT' }],
    ['image: a\nstop_timeout: 30', { stopGraceSeconds: 30 }],
    ['image: a\naffinity:\nlinks:\nenvironment:\ndeploy: {interval: }', { affinity: [], links: [], env: [] }],
  ])('%s', async (lines, expected) => {
    const { spec } = await service(lines);
    expect(spec).toMatchObject(expected);
  });

  test.each([['healthcheck: {test: [NONE]}', { protocol: 'none' }], ['health_check: {protocol: none}', { protocol: 'none' }], ['health_check: {protocol: engine, restart: false}', { protocol: 'engine', restart: false }]])('a health check that is left to the image, or to nobody: %s', async (text, expected) => {
    expect((await service(`image: a\n${text}`)).spec.healthCheck).toEqual(expected);
  });

  test.each<[string, object, readonly string[]]>([
    ['', { allow: undefined, networks: undefined }, []],
    ['allow: [shop, admin, shop]\nnetworks: [front, back]\n', { allow: ['shop', 'admin'], networks: ['front', 'back'] }, []],
    ['allow: []\n', { allow: [], networks: undefined }, []],
    ['networks:\n', { networks: undefined }, []],
    ['networks: {front: {driver: overlay}}\n', { networks: undefined }, ['warning networks: networks as a map have no effect: a network is there as soon as stacks name it']],
    ['allow:\n', {}, ['error allow: must be a list of names of stacks, and is nothing']],
    ['allow: shop\n', {}, ['error allow: must be a list of names of stacks, and is the text "shop"']],
    ['allow: [acme/shop]\n', {}, ['error allow[0]: "acme/shop" cannot be the name of a stack']],
    ['networks: []\n', {}, ['error networks: must be a list of names, and is a list']],
    ['networks: ["a b"]\n', {}, ['error networks[0]: "a b" cannot be the name of a network']],
  ])('who may reach it: %j', async (lines, expected, messages) => {
    const { stack, mistakes } = await readStack(reading(`stack: todo\n${lines}services: {web: {image: a}}\n`, { asMaster: true }));
    expect(mistakes.map(({ severity, path, message }) => `${severity} ${path}: ${message}`)).toEqual(messages);
    if (stack !== undefined) expect({ allow: stack.allow, networks: stack.networks }).toMatchObject(expected);
    if (stack !== undefined) expect(checkStack(stack)).toEqual([]);
    expect(Object.keys(stack ?? {}).includes('allow')).toBe(stack?.allow !== undefined);
  });

  test('a name that is refused is not warned of too, and one that is not is', async () => {
    const about = (name: string): Promise<readonly string[]> => said(`stack: ${name}\nservices: {"${name}": {image: a}}\n`, { asMaster: true });
    expect((await about('A_b')).map((line) => line.replace(/^\S+ /, '').replace(/ should.*/, ''))).toEqual(['warning stack: stack name "A_b"', 'warning services.A_b: service name "A_b"']);
    expect((await about('_b')).map((line) => line.replace(/^\S+ /, '').replace(/ \(.*/, ''))).toEqual(['error stack: "_b" cannot be the name of a stack', 'error services._b: "_b" cannot be the name of a service']);
  });

  test('ports of one line that overlap are told of where they stand', async () => {
    const web = (ports: string): Promise<readonly string[]> => said(`stack: a\nservices:\n  web:\n    image: b\n    ports: [${ports}]\n`, { asMaster: true });
    expect(await web('"80-82:80-82", "90:90", "127.0.0.1:81:81"')).toEqual([expect.stringMatching(/^kontena.yml:5:37\+17 error services.web.ports\[2\]: port 81\/tcp of the node is taken twice/)]);
    expect(await web('"10.0.0.1:80:80", "10.0.0.2:80:80", "80:80/udp", "[::]:80:80"')).toEqual([]);
  });

  test('an alias is a name that can be looked for', async () => {
    const aliased = (alias: string): Promise<readonly string[]> => said(`stack: a\nservices: {web: {image: b, links: ["other/db:${alias}", {name: other/db, alias: "${alias}"}]}}\n`, { asMaster: true });
    expect(await aliased('db.internal_1')).toEqual([]);
    expect((await aliased('my db')).join()).toContain('"my db" cannot be the name of a service inside a container');
  });

  test('volumes are known by the names they stand for', async () => {
    const { stack } = await readStack(reading('stack: u/todo\nservices: {a: {image: b, volumes: ["x:/x", "y:/y"]}}\nvolumes: {x: {external: true}, y: {external: {name: other}}}\n'));
    expect(stack?.services['a']?.volumes.map(({ source }) => source)).toEqual(['x', 'other']);
    expect(stack).toMatchObject({ name: 'todo', stack: 'u/todo', version: '0.0.1', volumes: { x: { external: 'x' }, y: { external: 'other' } } });
  });

  test('a value for a variable that is not there is warned of, with the name that was meant', async () => {
    const lines = await said('stack: todo\nvariables:\n  greeting: {type: string}\nservices:\n  web: {image: "a:$greeting"}\n', { values: { greeting: 'x', greting: 'y', 'child.name': 'z' } });
    expect(lines.filter((line) => line.includes('there is no variable'))).toEqual([expect.stringMatching(/warning variables\.greting: there is no variable "greting".* \(did you mean greeting\?\)/)]);
  });

  test('sections without a value count as absent', async () => {
    const { stack, mistakes } = await readStack(reading('stack: todo\nversion:\nlabels:\nvariables:\nvolumes:\ndepends:\nexpose:\nmeta:\nnetworks:\nservices: {a: {image: b}}\n'));
    expect([mistakes, stack]).toMatchObject([[], { version: '0.0.1', labels: [], volumes: {}, metadata: {} }]);
  });

  test('the name may be given, and is then what STACK is', async () => {
    const { stack } = await readStack(reading('stack: u/todo\nservices: {a: {image: "b:${STACK}-${GRID}"}}\n', { name: 'mine', grid: 'g' }));
    expect([stack?.name, stack?.services['a']?.image]).toEqual(['mine', 'b:mine-g']);
  });
});

describe('every mistake at once, in its place', () => {
  test.each<[string, string, readonly unknown[]]>([
    ['unknown key', 'stack: a\nservices:\n  web:\n    imgae: b\n    image: c\n', ['kontena.yml:4:5+5 error services.web.imgae: "imgae" is not a key of a service (did you mean image?)']],
    ['unknown top key', 'stack: a\nversoin: 1\nservices: {web: {image: c}}\n', ['kontena.yml:2:1+7 warning versoin: "versoin" is not a key of a stack file (did you mean version?)']],
    ['missing image', 'stack: a\nservices:\n  web:\n    instances: 1\n', ['kontena.yml:3:3+3 error services.web.image: image is missing in service "web" (image: name:tag)']],
    ['missing stack', 'services: {web: {image: c}}\n', ['kontena.yml:1:1+27 error stack: stack is missing (write the name of the stack at the top: stack: my-stack)']],
    ['an application file of Kontena before 1.0', 'web:\n  image: c\n', [
      expect.stringContaining('error stack: stack is missing: this is an application file of Kontena before 1.0, or of docker-compose, whose services stand at the top (write stack: NAME at the top'),
      expect.stringContaining('warning web: "web" is not a key of a stack file'),
      'kontena.yml:1:1+1 error services: the file does not list any services or volumes (services: {web: {image: nginx:1}})',
    ]],
    ['a second document', 'stack: a\nservices: {web: {image: c}}\n---\nstack: b\n',
      ['kontena.yml:3:1+3 warning : a second document begins here; only the first one counts (remove the line ---, or write what follows into a file of its own)']],
    ['a line that ends the only document', 'stack: a\nservices: {web: {image: c}}\n---\n# nothing\n', []],
    ['a number without quotes that is one of base 60', 'stack: a\nservices:\n  web:\n    image: c\n    ports:\n      - 25:25\n',
      ['kontena.yml:6:9+5 warning services.web.ports[0]: "25:25" is read as the number 1525, as YAML 1.1 says (write quotes: "25:25")', 'kontena.yml:6:9+5 error services.web.ports[0]: must be text like "8080:80" or "127.0.0.1:53:53/udp", and is the number 1525 (write quotes around it)']],
    ['two wrong values', 'stack: a\nservices:\n  web:\n    image: c\n    instances: two\n    stateful: 5\n',
      ['kontena.yml:5:16+3 error services.web.instances: must be a whole number, and is the text "two"', 'kontena.yml:6:15+1 error services.web.stateful: must be true or false, and is the number 5']],
    ['undeclared variable', 'stack: a\nvariables: {tag: {type: string, value: x}}\nservices:\n  web:\n    image: "c:${tga}"\n', ['kontena.yml:5:15+6 error services.web.image: undeclared variable "tga" (did you mean ${tag}? Or write $$tga to mean the text itself)']],
    ['unknown variable of a template', 'stack: a\nvariables: {tag: {type: string, value: x}}\nservices:\n  web:\n    image: "c:{{ tga }}"\n', ['kontena.yml:5:18+3 error services.web.image: Liquid: undefined variable: tga (did you mean tag?)']],
    ['unknown tag', 'stack: a\nservices:\n  # {% forx i in (1..2) %}\n  web: {image: c}\n', ['kontena.yml:3:5+22 error services: Liquid: tag "forx" not found (did you mean for?)']],
    ['YAML that is none', 'stack: a\nservices:\n  web:\n    image: b\n   oops\n', ['kontena.yml:5:4+4 error : is not YAML: the line begins in column 4, and none above that it could stand beside does (begin it in column 5, as line 4: with 4 spaces before it)']],
    ['a dangling link', 'stack: a\nservices:\n  web:\n    image: b\n    links: [wbe]\n', ['kontena.yml:5:13+3 warning services.web.links[0]: service "web" is linked to "wbe", which is not in the stack (did you mean web?)']],
    ['a dependency that is not there', 'stack: a\ndepends: {db: {stack: db.yml}}\nservices:\n  web:\n    image: "b:$db"\n', ['kontena.yml:2:23+6 error depends.db.stack: cannot find the stack db.yml (it is looked for beside kontena.yml, and in the stack registry)']],
    ['an unknown volume', 'stack: a\nservices:\n  web:\n    image: b\n    volumes: ["dta:/x"]\nvolumes: {data: {external: true}}\n', ['kontena.yml:5:15+8 error services.web.volumes[0]: volume "dta" is not listed under volumes of the file (did you mean data?)']],
    ['a choice of forms', 'stack: a\nservices:\n  web:\n    image: b\n    build: {contxt: .}\n', ['kontena.yml:5:5+5 error services.web.build.context: context is missing', 'kontena.yml:5:13+6 error services.web.build.contxt: "contxt" is not a key of build (did you mean context?)']],
    ['a variable without a value', 'stack: a\nvariables:\n  x: {type: string}\nservices: {web: {image: c}}\n', ['kontena.yml:3:3+1 error variables.x: variable "x" has no value, and needs one (set it with -v x=VALUE)']],
    ['an unknown resolver', 'stack: a\nvariables:\n  x: {type: string, default: y, from: {promt: z}}\nservices: {web: {image: c}}\n', ['kontena.yml:3:40+5 error variables.x.from.promt: there is nothing called "promt" to take a value from (did you mean prompt?)']],
    ['a date', 'stack: a\nservices:\n  web:\n    image: c\n    environment: {D: 2001-02-03}\n', ['kontena.yml:5:22+10 error services.web.environment.D: "2001-02-03" reads as a date, and a stack file holds none (write quotes: "2001-02-03")']],
    ['a circle of extends', 'stack: a\nservices:\n  x: {extends: y}\n  y: {extends: x}\n', ['kontena.yml:3:16+1 error services.x.extends: extends itself: y → x → y', 'kontena.yml:4:16+1 error services.y.extends: extends itself: x → y → x']],
  ])('%s', async (_title, text, expected) => {
    const lines = await said(text);
    expect(lines).toEqual(expected);
  });

  test('places survive templates that move lines, and values that change their length', async () => {
    const text = 'stack: a\nvariables: {n: {type: integer, value: 3}, long: {type: string, value: aaaaaaaaaaaaaaaaaaaa}}\nservices:\n  # {% for i in (1..n) %}\n  web{{ i }}:\n    image: ${long}\n    wrong: x\n  # {% endfor %}\n  last:\n    image: b\n    instances: ${long}\n';
    const lines = await said(text);
    expect(lines.map((line) => line.slice(0, 40))).toEqual(['kontena.yml:7:5+5 error services.web1.wr', 'kontena.yml:7:5+5 error services.web2.wr', 'kontena.yml:7:5+5 error services.web3.wr', 'kontena.yml:11:16+7 error services.last.']);
  });

  test('places point into the file that is extended', async () => {
    const lines = await said('stack: a\nservices:\n  web:\n    extends: {file: base/base.yml, service: web}\n', { files: { 'base/base.yml': 'services:\n  web:\n    image: b\n    networks: [x]\n' } });
    expect(lines).toEqual([expect.stringMatching(/^base\/base\.yml:4:5\+8 error services\.web\.networks: "networks" is not a key of a service/)]);
  });

  test('what the master would refuse is an error when it is to be sent', async () => {
    const text = 'stack: a\nservices:\n  web:\n    image: b\n    links: [x]\n    stateful: true\n    deploy: {order: start-first}\n';
    expect((await said(text, { asMaster: true })).map((line) => line.split(':')[2])).toEqual(['13+1 error services.web.links[0]', '5+6 error services.web.deploy']);
  });

  test('a report shows the line with a marker under the word', async () => {
    const text = 'stack: a\nservices:\n  web:\n    imgae: b\n    image: c\n';
    const { mistakes } = await readStack(reading(text));
    expect(formatMistakes(mistakes, { source: () => text, colour: false })).toBe('kontena.yml:4:5  error  services.web.imgae  "imgae" is not a key of a service\n    4 |     imgae: b\n      |     ^^^^^\n  hint: did you mean image?');
    expect(formatMistakes(mistakes, { source: () => text, colour: true })).toContain('\u001B[31m');
  });

  test('a line longer than the terminal is shown from before the mistake, with the marker under it', () => {
    const text = `stack: a\nservices: {${'x'.repeat(200)}: {imgae: b}}\n`;
    const [, line = '', under = ''] = formatMistakes([{ severity: 'error', file: 'k', line: 2, column: 215, length: 5, path: '', message: 'm' }], { source: () => text, colour: false, columns: 60 }).split('\n');
    expect([line.length <= 60, line.slice(under.indexOf('^'), under.lastIndexOf('^') + 1)]).toEqual([true, 'imgae']);
  });

  test('a file that is not there is a mistake, not a crash', async () => {
    const { text: _text, ...options } = reading('') as ReadOptions & { text: string };
    expect((await readStack({ ...options, source: 'nope.yml' })).mistakes[0]?.message).toContain('there is no file nope.yml');
  });
});

describe('extends', () => {
  const base = 'services:\n  base:\n    image: b\n    command: run\n    mem_limit: 64m\n    environment: [A=1, B=2]\n    env_file: base.env\n    depends_on: [db]\n    deploy: {strategy: daemon}\n    logging: {driver: fluentd}\n    secrets: [{secret: s, name: S, type: env}, {secret: t, name: T, type: env}]\n    build: {context: ., args: [x=1, y=2]}\n    ports: ["1:1"]\n    only_if: nothing\n';
  const files = { 'sub/base.yml': base, 'sub/base.env': '# no\nB=9\n C=3 \n', 'web.env': 'D=4\nA=0\n' };
  const text = 'stack: a\nservices:\n  web:\n    extends: {file: sub/base.yml, service: base}\n    environment: {B: x, E: 5}\n    secrets: [{secret: t, name: U, type: file}]\n    build: {context: web, args: {y: 3}}\n    links: [db]\n    env_file: [web.env]\n  db: {image: d}\n';

  test('everything is taken over, and merged where that is useful', async () => {
    const { stack, apiRequest, mistakes } = await readStack(reading(text, { files }));
    expect(mistakes).toEqual([]);
    expect(stack?.services['web']).toMatchObject({
      image: 'b:latest', command: ['run'], memoryBytes: 67108864, env: ['A=1', 'B=x', 'C=3', 'E=5', 'D=4'], deploy: { strategy: 'daemon' }, logging: { driver: 'fluentd', options: {} },
      secrets: [{ secret: 't', name: 'U', type: 'file' }, { secret: 's', name: 'S', type: 'env' }], links: [{ service: 'a/db', alias: 'db' }],
    });
    const [web] = apiRequest?.['services'] as readonly Readonly<Record<string, unknown>>[];
    expect(web?.['build']).toEqual({ context: '/project/web', args: { x: '1', y: 3 } });
    expect(web?.['ports']).toEqual([{ ip: '0.0.0.0', container_port: 1, node_port: 1, protocol: 'tcp' }]);
  });

  test('variables of this file are known in the other', async () => {
    const { stack, mistakes } = await readStack(reading('stack: a\nvariables: {tag: {type: enum, options: [x, y], value: x}}\nservices: {web: {extends: {file: b.yml, service: s}}}\n', { files: { 'b.yml': 'services: {s: {image: "i:${tag}{{ tag }}"}}\n' } }));
    expect([mistakes, stack?.services['web']?.image]).toEqual([[], 'i:xx']);
  });
});

describe('env files', () => {
  const withEnv = (text: string, given?: Given) => service('image: a\nenv_file: web.env', { files: { 'web.env': text }, ...given });

  test('are read as the engine reads them, but for export before a name', async () => {
    const { spec, mistakes } = await withEnv('# c\n\nexport A=1\n  export\tB=x=y \r\nexported=2\nEMPTY=\nexport =z\n');
    expect([spec.env, mistakes]).toEqual([['A=1', 'B=x=y', 'exported=2', 'EMPTY=', '=z'], []]);
  });

  test('pass quotation marks on, and that is warned of without the value', async () => {
    const { spec, mistakes } = await withEnv(`A="secret"\nB='s'\nC="a\nD=a "b"\nE="\n`);
    expect(spec.env).toEqual(['A="secret"', "B='s'", 'C="a', 'D=a "b"', 'E="']);
    expect(mistakes.map(({ severity, path, message }) => `${severity} ${path}: ${message}`)).toEqual([
      'warning services.web.env_file: line 1 of web.env: the value of A is passed with the quotation marks around it, as "…"',
      "warning services.web.env_file: line 2 of web.env: the value of B is passed with the quotation marks around it, as '…'",
    ]);
  });

  test('that are none are refused without a word of them', async () => {
    const lines = await said('stack: a\nservices: {web: {image: b, env_file: web.env}}\n', { files: { 'web.env': 'A=1\nhunter2\n' } });
    expect(lines).toEqual([expect.stringMatching(/error services.web.env_file: line 2 of web.env is not NAME=VALUE$/)]);
  });
});

describe('dependencies', () => {
  const files = { 'child.yml': 'stack: u/child\nvariables: {v: {type: integer}}\nservices: {c: {image: "x:${v}"}}\ndepends: {deep: {stack: sub/deep.yml}}\n', 'sub/deep.yml': 'stack: deep\nservices: {d: {image: x}}\n' };

  test('they are found, with theirs, and their names are variables', async () => {
    const { dependencies, stack, apiRequest } = await readStack(reading('stack: a\ndepends: {kid: {stack: child.yml, variables: {v: 1}}}\nservices: {web: {image: "b:${kid}-${deep}"}}\n', { files }));
    expect(dependencies).toMatchObject([{ name: 'kid', source: '/project/child.yml', variables: { v: 1 }, depends: [{ name: 'deep', source: '/project/sub/deep.yml' }] }]);
    expect(stack?.services['web']?.image).toBe('b:a-kid-a.kid-deep');
    expect(apiRequest).toMatchObject({ variables: { kid: 'a-kid' }, dependencies: [{ name: 'kid', stack: '/project/child.yml', variables: { v: 1 }, depends: [{ name: 'deep' }] }] });
  });

  test('one that depends on itself is refused', async () => {
    expect((await said('stack: a\nservices: {w: {image: b}}\ndepends: {x: {stack: kontena.yml}}\n', { files: { 'kontena.yml': 'stack: a\n' } }))[0]).toContain('depends on itself');
  });
});
