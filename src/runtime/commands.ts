import type Docker from 'dockerode';
import type { ContainerCreateOptions } from 'dockerode';
import type { CommandResult } from '../ports/index.js';
import { orUndefined } from './engine.js';
import { killInside } from './kill-inside.js';
import { Demultiplexer } from './lines.js';
import { SECRETS_PATH } from './secrets.js';

/** Lines kept of what a command wrote: what fits into a message for people. */
const OUTPUT_LINES = 10;

/** Runs a command in a running container and waits for its end. What is called off is killed. */
export async function runInside(client: Docker, id: string, command: readonly string[], abortSignal: AbortSignal): Promise<CommandResult> {
  const exec = await client.getContainer(id).exec({ Cmd: [...command], AttachStdout: true, AttachStderr: true, abortSignal });
  try {
    const output = await lastLines(await exec.start({ abortSignal }));
    const { ExitCode } = await exec.inspect({ abortSignal });
    return { exitCode: ExitCode ?? 0, output };
  } catch (error) {
    if (abortSignal.aborted) await orUndefined([404], exec.inspect().then(({ Pid }) => killInside(Pid, id)));
    throw error;
  }
}

/** Runs a container to its end and removes it; also one of the same name that an earlier try left behind. `files` are its secrets, as a tar. */
export async function runApart(client: Docker, options: ContainerCreateOptions, files: Buffer | undefined, abortSignal: AbortSignal): Promise<CommandResult> {
  await orUndefined([404], client.getContainer(options.name ?? '').remove({ force: true, v: true }));
  const container = await client.createContainer({ ...options, abortSignal });
  try {
    if (files !== undefined) await container.putArchive(files, { path: SECRETS_PATH, abortSignal });
    await container.start({ abortSignal });
    const { StatusCode } = (await container.wait({ abortSignal })) as { readonly StatusCode: number };
    const log = await container.logs({ stdout: true, stderr: true, tail: OUTPUT_LINES, follow: true, abortSignal });
    return { exitCode: StatusCode, output: await lastLines(log) };
  } finally {
    await orUndefined([404, 409], container.remove({ force: true, v: true }));
  }
}

async function lastLines(stream: NodeJS.ReadableStream): Promise<readonly string[]> {
  const demultiplexer = new Demultiplexer();
  let lines: string[] = [];
  for await (const chunk of stream) lines = [...lines, ...demultiplexer.take(chunk as Buffer).map(({ line }) => line)].slice(-OUTPUT_LINES);
  return [...lines, ...demultiplexer.end().map(({ line }) => line)].slice(-OUTPUT_LINES);
}
