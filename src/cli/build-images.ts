import { access } from 'node:fs/promises';
import { join, relative, resolve } from 'node:path';
import { KontenaError } from '../model/index.js';
import type { Host } from './host.js';

/** One image to be made. */
export interface Build {
  readonly service: string;
  readonly image: string;
  /** As the file writes it. */
  readonly context: string;
  readonly dockerfile: string | undefined;
  readonly args: Readonly<Record<string, string | undefined>>;
  /** A line for a shell, or words. */
  readonly hooks: readonly { readonly name: string; readonly cmd: string | readonly string[] }[];
}

export interface BuildOptions {
  /** Folder of the stack file, absolute: contexts begin there, and hooks run there. */
  readonly folder: string;
  readonly hasCache: boolean;
  readonly doesPull: boolean;
  readonly doesPush: boolean;
  readonly isSudo: boolean;
  readonly say: (line: string) => void;
}

const IMAGE = /^[\w./\-:]+:?[\w.]+$/;

/** Makes the images one after the other, and then pushes them. @throws KontenaError KON_INVALID, KON_BUILD_FAILED, KON_PROGRAM_MISSING */
export async function buildImages(host: Host, builds: readonly Build[], options: BuildOptions): Promise<void> {
  for (const build of builds) await check(build, options.folder);
  for (const build of builds) {
    for (const { name, cmd } of build.hooks) {
      options.say(`Running the hook ${name} before the build`);
      const [program = '', ...words] = typeof cmd === 'string' ? ['/bin/sh', '-c', cmd] : cmd;
      const code = await host.run(program, words, options.folder);
      if (code !== 0) throw new KontenaError('KON_BUILD_FAILED', `the hook ${name} of service ${build.service} ended with exit code ${String(code)}`);
    }
    options.say(`Building image ${build.image}`);
    await docker(host, buildArguments(build, options), { ...options, doing: `the image ${build.image} of service ${build.service} was not built` });
  }
  if (!options.doesPush) return;
  for (const image of new Set(builds.map((build) => build.image))) {
    options.say(`Pushing image ${image}`);
    await docker(host, ['push', image], { ...options, doing: `the image ${image} was not pushed` });
  }
}

async function check({ image, context, dockerfile = 'Dockerfile', service }: Build, folder: string): Promise<void> {
  if (!IMAGE.test(image)) throw new KontenaError('KON_INVALID', `"${image}" of service ${service} is no name of an image`);
  if (isRemote(context)) return;
  await access(join(resolve(folder, context), dockerfile)).catch((cause: unknown) => {
    throw new KontenaError('KON_INVALID', `there is no ${dockerfile} in ${relative(folder, resolve(folder, context)) || '.'}, from which service ${service} is built`, { cause });
  });
}

function buildArguments({ image, context, dockerfile, args }: Build, { folder, hasCache, doesPull }: BuildOptions): readonly string[] {
  const whole = isRemote(context) ? context : resolve(folder, context);
  return [
    'build', '-t', image,
    ...(dockerfile === undefined ? [] : ['-f', isRemote(context) ? dockerfile : join(whole, dockerfile)]),
    ...(hasCache ? [] : ['--no-cache']),
    ...(doesPull ? ['--pull'] : []),
    ...Object.entries(args).map(([name, value]) => `--build-arg=${value === undefined ? name : `${name}=${value}`}`),
    whole,
  ];
}

/** docker itself fetches it. */
const isRemote = (context: string): boolean => /^(https?:\/\/|git:\/\/|git@|github\.com\/)/.test(context);

async function docker(host: Host, args: readonly string[], { isSudo, folder, doing }: Pick<BuildOptions, 'isSudo' | 'folder'> & { readonly doing: string }): Promise<void> {
  const code = await (isSudo ? host.run('sudo', ['docker', ...args], folder) : host.run('docker', args, folder));
  if (code !== 0) throw new KontenaError('KON_BUILD_FAILED', `${doing}: docker ended with exit code ${String(code)}`);
}
