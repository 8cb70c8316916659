import type Docker from 'dockerode';
import type { ContainerCreateOptions } from 'dockerode';
import type { CommandResult } from '../ports/index.js';
import { orUndefined } from './engine.js';
import { Demultiplexer } from './lines.js';
import { SECRETS_PATH } from './secrets.js';
import { signalProgram } from './signals.js';

/** Lines kept of what a command wrote: more than people read. */
const OUTPUT_LINES = 1_000;

/** Runs a command in a running container and waits for its end. What is called off is killed. */
export async function runInside(client: Docker, id: string, command: readonly string[], abortSignal: AbortSignal): Promise<CommandResult> {
  const container = client.getContainer(id);
  const exec = await container.exec({ Cmd: [...command], AttachStdout: true, AttachStderr: true, abortSignal });
  const output = new LastLines();
  return untilCalledOff(abortSignal, {
    run: async () => {
      for await (const chunk of await exec.start({ abortSignal })) output.take(chunk as Buffer);
      const { ExitCode } = await exec.inspect({ abortSignal });
      return { exitCode: ExitCode ?? 0, output: output.lines };
    },
    end: async () => {
      const found = await orUndefined([404], exec.inspect());
      if (found?.Running === true && found.Pid > 0) await signalProgram({ container, pid: found.Pid }, 'KILL');
      return output.lines;
    },
  });
}

/** Runs a container to its end and removes it; also one of the same name that an earlier try left behind. `files` are its secrets, as a tar. */
export async function runApart(client: Docker, options: ContainerCreateOptions, files: Buffer | undefined, abortSignal: AbortSignal): Promise<CommandResult> {
  await orUndefined([404], client.getContainer(options.name ?? '').remove({ force: true, v: true }));
  const container = await client.createContainer({ ...options, abortSignal });
  const output = async (): Promise<readonly string[]> => {
    const lines = new LastLines();
    lines.take(await container.logs({ stdout: true, stderr: true, tail: OUTPUT_LINES, follow: false }));
    return lines.lines;
  };
  try {
    return await untilCalledOff(abortSignal, {
      run: async () => {
        if (files !== undefined) await container.putArchive(files, { path: SECRETS_PATH, abortSignal });
        await container.start({ abortSignal });
        const { StatusCode } = (await container.wait({ abortSignal })) as { readonly StatusCode: number };
        return { exitCode: StatusCode, output: await output() };
      },
      end: output,
    });
  } finally {
    await orUndefined([404, 409], container.remove({ force: true, v: true }));
  }
}

interface Run {
  readonly run: () => Promise<CommandResult>;
  /** Puts an end to it; the last lines it wrote. */
  readonly end: () => Promise<readonly string[]>;
}

async function untilCalledOff(signal: AbortSignal, { run, end }: Run): Promise<CommandResult> {
  try {
    return await run();
  } catch (error) {
    if (!signal.aborted) throw error;
    return { exitCode: undefined, output: await end() };
  }
}

/** The last lines of what was written, as the engine frames it. */
class LastLines {
  readonly #demultiplexer = new Demultiplexer();
  #whole: readonly string[] = [];

  take(chunk: Buffer): void {
    this.#whole = [...this.#whole, ...this.#demultiplexer.take(chunk).map(({ line }) => line)].slice(-OUTPUT_LINES);
  }

  get lines(): readonly string[] {
    return [...this.#whole, ...this.#demultiplexer.end().map(({ line }) => line)].slice(-OUTPUT_LINES);
  }
}
