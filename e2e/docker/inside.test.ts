import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { ProgramCall, ProgramInput, ProgramOutput } from '../../src/model/index.js';
import type { Inside, RunningProgram, Runtime } from '../../src/ports/index.js';
import { dockerInside, dockerRuntime } from '../../src/runtime/index.js';
import { minimalService } from '../../src/testing/runtime-contract.js';
import { type Bed, type Engine, eventually, openBed, sleep } from './harness/index.js';

const WEB = 'inside/web.1@5';
const quiet = new AbortController().signal;

let bed: Bed;
let engine: Engine;
let runtime: Runtime;
let inside: Inside;

beforeAll(async () => {
  bed = await openBed(1);
  engine = bed.engines[0]!;
  const image = await bed.registry.push(engine, 'stay:1', "trap 'echo bye; exit 3' TERM\nwhile true; do busybox date; busybox sleep 1; done");
  const owner = { socket: engine.socket, cluster: 'inside', grid: 'g', node: 'n1' };
  runtime = dockerRuntime(owner);
  inside = dockerInside(owner);
  await runtime.pull(image, () => undefined, quiet);
  await runtime.create({ instance: WEB, service: 'inside/web@4', grid: 'g', node: 'n1', secrets: {}, spec: minimalService(image) });
  await runtime.start(WEB);
}, 90_000);
afterAll(() => bed.close(), 60_000);

const shell = (text: string, over: Partial<ProgramCall> = {}): ProgramCall => ({ command: ['/bin/busybox', 'sh', '-c', text], hasInput: false, ...over });

interface Said {
  readonly out: Buffer;
  readonly err: string;
  readonly code: number | undefined;
}

async function saidBy(program: RunningProgram): Promise<Said> {
  const said: ProgramOutput[] = [];
  for await (const output of program.received()) said.push(output);
  const of = (stream: string): Buffer => Buffer.concat(said.flatMap((output) => (output.kind === 'output' && output.stream === stream ? [output.bytes] : [])));
  const last = said.at(-1);
  return { out: of('stdout'), err: of('stderr').toString(), code: last?.kind === 'exit' ? last.code : undefined };
}

/** Runs it to its end, with all of this said to it first. */
async function run(call: ProgramCall, ...inputs: readonly ProgramInput[]): Promise<Said> {
  const program = await inside.begin(WEB, call, quiet);
  const said = saidBy(program);
  for (const input of inputs) await program.send(input);
  return said;
}

/** What is said from now on, as it comes. */
async function until(outputs: AsyncIterator<ProgramOutput>, text: string): Promise<void> {
  for (let shown = ''; !shown.includes(text); ) {
    const next = await outputs.next();
    if (next.done === true) throw new Error(`it ended without "${text}"; it said: ${shown}`);
    if (next.value.kind === 'output') shown += Buffer.from(next.value.bytes).toString();
  }
}

/** What comes last. */
async function lastOf(outputs: AsyncIterator<ProgramOutput>): Promise<ProgramOutput | undefined> {
  let last: ProgramOutput | undefined;
  for (let next = await outputs.next(); next.done !== true; next = await outputs.next()) last = next.value;
  return last;
}

/** A number, once it does not grow any more. */
async function stable(read: () => Promise<number>): Promise<number> {
  let [before, now] = [-1, await read()];
  while (before !== now) {
    await sleep(300);
    [before, now] = [now, await read()];
  }
  return now;
}

const processes = async (text: string): Promise<number> => Number((await run(shell(`busybox ps | busybox grep -v grep | busybox grep -c '${text}'`))).out.toString());

describe('a program in a container', () => {
  test('keeps its two outputs apart, and its exit code', async () => {
    expect(await run(shell('echo out; echo err >&2; exit 42'))).toEqual({ out: Buffer.from('out\n'), err: 'err\n', code: 42 });
    expect((await run(shell('kill -KILL $$'))).code).toBe(137);
  });

  test.each([
    [['no-such-program'], 127, /executable file not found in \$PATH\n$/],
    [['/bin/no-such-program'], 127, /no such file or directory\n$/],
    [['/etc'], 126, /permission denied\n$/],
  ])('%s, which cannot be begun, ends with %i', async (command, code, reason) => {
    for (const terminal of [undefined, { columns: 80, rows: 24 }]) {
      const said = await run({ command, hasInput: false, ...(terminal === undefined ? {} : { terminal }) });
      expect(said).toMatchObject({ code, out: Buffer.alloc(0) });
      expect(said.err).toMatch(reason);
    }
    expect(await run(shell("echo 'OCI runtime exec failed: not really'; exit 1"))).toMatchObject({ code: 1, out: Buffer.from('OCI runtime exec failed: not really\n') });
  });

  test('takes bytes as they are, hears that they ended, and answers afterwards', async () => {
    const bytes = randomBytes(5_000_000);
    const said = await run(shell('busybox tee /dev/stderr | busybox cat; echo; echo done', { hasInput: true }), { kind: 'input', bytes }, { kind: 'inputEnd' });
    expect(said.code).toBe(0);
    expect(said.out.equals(Buffer.concat([bytes, Buffer.from('\ndone\n')]))).toBe(true);
  });

  test('is held back by who does not read, and its endless output ends with who leaves', async () => {
    const leaving = new AbortController();
    const program = await inside.begin(WEB, shell(`while echo ${'endless'.repeat(200)}; do n=$((n+1)); echo $n > /count; done`), leaving.signal);
    await until(program.received()[Symbol.asyncIterator](), 'endless');
    const written = async (): Promise<number> => Number((await run(shell('busybox cat /count'))).out.toString());
    const before = await stable(written);
    expect(before).toBeLessThan(5_000); // of 1,400 bytes each: what fits between the program and us
    leaving.abort();
    await eventually('the program is gone', async () => ((await processes('endless')) === 0 ? true : undefined), 10_000, 200);
  });

  test('has a terminal of the size it is told, and of the next', async () => {
    const program = await inside.begin(WEB, shell("trap 'busybox stty size' WINCH; busybox stty size; tty=yes; while :; do busybox sleep 0.1; done", { hasInput: true, terminal: { columns: 100, rows: 30 } }), quiet);
    const outputs = program.received()[Symbol.asyncIterator]();
    await until(outputs, '30 100');
    await program.send({ kind: 'resize', columns: 55, rows: 12 });
    await until(outputs, '12 55');
    await program.send({ kind: 'input', bytes: Buffer.from('\u0003') });
    expect(await lastOf(outputs)).toEqual({ kind: 'exit', code: 130 });
  });

  test('is sent signals, with all that it began', async () => {
    // The child itself says that it is there: what a shell is told while it begins one may never reach it.
    const program = await inside.begin(WEB, shell("trap 'echo told; exit 7' TERM; busybox sh -c 'echo ready; exec busybox sleep 1000'; exit 0"), quiet);
    const outputs = program.received()[Symbol.asyncIterator]();
    await until(outputs, 'ready');
    await program.send({ kind: 'signal', signal: 'TERM' });
    await until(outputs, 'told');
    expect(await lastOf(outputs)).toEqual({ kind: 'exit', code: 7 });
    expect(await processes('sleep 1000')).toBe(0);
  });

  test('that ignores that its caller left is killed', async () => {
    const leaving = new AbortController();
    const program = await inside.begin(WEB, shell("trap '' HUP; echo ready; while :; do busybox sleep 3.25; done"), leaving.signal);
    await until(program.received()[Symbol.asyncIterator](), 'ready');
    leaving.abort();
    await eventually('the program is killed', async () => ((await processes('sleep 3.25')) === 0 ? true : undefined), 15_000, 300);
  });

  test('that is not there, or does not run, is said to be so', async () => {
    await expect(inside.begin('inside/web.9@1', shell('true'), quiet)).rejects.toMatchObject({ code: 'KON_CONTAINER_MISSING', message: 'cannot run a command in inside/web.9@1: it has no container' });
  });
});

describe('files', () => {
  const tarOf = async (path: string): Promise<Buffer> => {
    const pieces: Uint8Array[] = [];
    for await (const piece of inside.pack(WEB, path, quiet)) pieces.push(piece);
    return Buffer.concat(pieces);
  };

  test('go in and out as a tar', async () => {
    await run(shell('busybox mkdir -p /from /to; busybox head -c 3000000 /dev/urandom > /from/file; busybox ln -s /from/file /link; busybox mkfifo /pipe'));
    const tar = await tarOf('/from');
    await inside.unpack(WEB, '/to', (async function* pieces() {
      for (let from = 0; from < tar.length; from += 65_536) yield tar.subarray(from, from + 65_536);
    })(), quiet);
    expect((await run(shell('busybox cmp /from/file /to/from/file && echo same'))).out.toString()).toBe('same\n');
  });

  test('are looked at', async () => {
    expect(await Promise.all(['/from', '/from/file', '/link', '/nothing', '/pipe'].map((path) => inside.look(WEB, path, quiet)))).toEqual([
      { kind: 'directory' }, { kind: 'file' }, { kind: 'link', target: '/from/file' }, { kind: 'missing' }, { kind: 'other' },
    ]);
  });

  test('that are not there are named', async () => {
    await expect(tarOf('/nothing')).rejects.toMatchObject({ code: 'KON_ENGINE_REFUSED', message: expect.stringContaining('/nothing') });
    await expect(inside.unpack(WEB, '/nowhere', (async function* none() { yield new Uint8Array(1024); })(), quiet)).rejects.toMatchObject({ code: 'KON_ENGINE_REFUSED' });
  });
});

describe('the program of the container itself', () => {
  test('is listened to, goes on when it is left, and is heard to its end', async () => {
    const leaving = new AbortController();
    const listened = await inside.attach(WEB, leaving.signal);
    await until(listened.received()[Symbol.asyncIterator](), ':');
    leaving.abort();
    expect(await runtime.inspect(WEB)).toMatchObject({ state: 'running' });

    const program = await inside.attach(WEB, quiet);
    const said = saidBy(program);
    await program.send({ kind: 'signal', signal: 'TERM' });
    expect(await said).toMatchObject({ code: 3, out: expect.objectContaining({}) });
    expect((await said).out.toString()).toContain('bye\n');
  });

  test('ends although somebody does not read what another in it writes', async () => {
    await runtime.start(WEB);
    const unread = await inside.begin(WEB, shell('busybox yes endless'), quiet);
    const outputs = unread.received()[Symbol.asyncIterator]();
    await until(outputs, 'endless');
    const began = Date.now();
    await runtime.stop(WEB);
    expect(Date.now() - began).toBeLessThan(5_000);
    expect(await lastOf(outputs)).toEqual({ kind: 'exit', code: 137 });
  }, 40_000);

  test('that does not run is not entered', async () => {
    await expect(inside.begin(WEB, shell('true'), quiet)).rejects.toMatchObject({ code: 'KON_ENGINE_REFUSED', message: expect.stringMatching(/^cannot run a command in inside\/web\.1@5: .*not running/) });
    expect(await inside.look(WEB, '/from', quiet)).toEqual({ kind: 'directory' });
  });

  test('ends with its engine, and it is said why', async () => {
    await runtime.start(WEB);
    const said = expect(saidBy(await inside.begin(WEB, shell('busybox sleep 1000'), quiet))).rejects.toMatchObject({ code: 'KON_ENGINE_UNREACHABLE' });
    await engine.stop();
    await said;
  });
});
