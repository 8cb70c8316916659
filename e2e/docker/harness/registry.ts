import { copyFileSync, cpSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Engine } from './engine.js';
import { signal } from './processes.js';
import { eventually, must, start } from './shell.js';

const PORT = 5000;

/** Debian's docker-registry on the bridge: what the engines pull, they pull over the wire. */
export class Registry {
  private constructor(
    private readonly directory: string,
    /** `10.x.y.1:5000`. */
    readonly address: string,
    private readonly pid: number,
  ) {}

  static async start(bedDirectory: string, hostAddress: string): Promise<Registry> {
    const directory = join(bedDirectory, 'registry');
    const address = `${hostAddress}:${PORT}`;
    mkdirSync(directory);
    const config = { version: 0.1, log: { level: 'warn' }, storage: { filesystem: { rootdirectory: join(directory, 'data') } }, http: { addr: address } };
    writeFileSync(join(directory, 'config.yml'), JSON.stringify(config));
    const { pid } = start('docker-registry', ['serve', join(directory, 'config.yml')], join(directory, 'registry.log'));
    await eventually('the registry answers', async () => ((await fetch(`http://${address}/v2/`)).ok ? true : undefined));
    return new Registry(directory, address, pid);
  }

  /**
   * Builds an image of the static busybox and one shell script that runs as process 1, and pushes it.
   * Nothing of it stays on the engine that built it.
   *
   * @param lines of its Dockerfile, after the others
   * @returns its name, with the registry and tag
   */
  push(engine: Engine, name: string, script: string, ...lines: readonly string[]): Promise<string> {
    return this.#push(engine, name, (context) => {
      writeFileSync(join(context, 'run.sh'), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
      writeFileSync(join(context, 'Dockerfile'), `FROM scratch\nCOPY busybox /bin/busybox\nCOPY busybox /bin/sh\nCOPY run.sh /run.sh\nCMD ["/run.sh"]\n${lines.join('\n')}\n`);
    });
  }

  /** Builds what is in a folder of the project, with a static busybox beside it, and pushes it as {@link push} does. */
  pushFolder(engine: Engine, name: string, folder: string): Promise<string> {
    return this.#push(engine, name, (context) => cpSync(folder, context, { recursive: true }));
  }

  /**
   * Builds an image of one program of this machine and the libraries it is linked to, with a shell beside it, and pushes it as
   * {@link push} does.
   *
   * @param more files and links by their paths
   */
  async pushProgram(engine: Engine, name: string, program: string, more: Readonly<Record<string, { readonly text: string } | { readonly link: string }>> = {}): Promise<string> {
    const libraries = [...(await must('ldd', [program])).matchAll(/(\/\S+) \(0x/g)].map(([, path = '']) => path);
    return this.#push(engine, name, (context) => {
      for (const path of [program, ...libraries]) cpSync(path, join(context, 'root', path), { dereference: true });
      for (const [path, file] of Object.entries(more)) {
        mkdirSync(dirname(join(context, 'root', path)), { recursive: true });
        if ('link' in file) symlinkSync(file.link, join(context, 'root', path));
        else writeFileSync(join(context, 'root', path), file.text);
      }
      writeFileSync(join(context, 'Dockerfile'), 'FROM scratch\nCOPY root /\nCOPY busybox /bin/busybox\nCOPY busybox /bin/sh\nENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin\n');
    });
  }

  async #push(engine: Engine, name: string, fill: (context: string) => void): Promise<string> {
    const image = `${this.address}/${name}`;
    const context = join(this.directory, 'context');
    mkdirSync(context, { recursive: true });
    copyFileSync('/bin/busybox', join(context, 'busybox'));
    fill(context);
    await must('docker', ['-H', engine.socket, 'build', '-q', '-t', image, context], { env: { ...process.env, DOCKER_BUILDKIT: '0' } });
    await engine.docker(['push', '-q', image]);
    await engine.docker(['rmi', image]);
    rmSync(context, { recursive: true });
    return image;
  }

  stop(): void {
    signal(this.pid, 'SIGTERM');
  }
}
