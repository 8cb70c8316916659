import { basename, dirname, resolve } from 'node:path';
import { isShortImage, KontenaError, wholeImage } from '../../../model/index.js';
import type { ReadResult } from '../../../stackfile/index.js';
import { buildImages, type Build } from '../../build-images.js';
import { KontenaCommand } from '../../command.js';
import { Args, Flags } from '../../oclif.js';
import { givenValues, InstalledStacks, invalid, isRefused, openReader, tellWarnings, valueFlags, writeValues } from '../../stacks/index.js';
import { UsageError } from '../../usage-error.js';

export default class StackBuild extends KontenaCommand {
  static override summary = 'Build the images of services with docker, and push them.';
  static override description = 'Hooks of pre_build run before, in the folder of the stack file. A build argument without a value takes that of the environment. An image registry/NAME is pushed to the grid\'s own registry, once `registry login` was run here.';
  static override examples = ['<%= config.bin %> stack build', '<%= config.bin %> stack build web -f stack.yml -v tag=1.2 --no-push'];
  static override strict = false;
  static override args = { service: Args.string({ description: 'Service to build; several may be given. All that have `build` when none is.' }) };
  static override flags = {
    file: Flags.string({ char: 'f', default: 'kontena.yml', helpValue: '<file>', summary: 'Stack file.' }),
    name: Flags.string({ char: 'n', helpValue: '<name>', summary: 'Name of the stack in place of the file\'s own.' }),
    ...valueFlags,
    cache: Flags.boolean({ default: true, allowNo: true, summary: 'Take layers that were built before.' }),
    pull: Flags.boolean({ default: true, allowNo: true, summary: 'Look for newer versions of the images that are built upon.' }),
    push: Flags.boolean({ default: true, allowNo: true, summary: 'Push what was built.' }),
    sudo: Flags.boolean({ default: false, allowNo: true, env: 'KONTENA_SUDO', summary: 'Run docker with sudo.' }),
    online: Flags.boolean({ default: false, summary: 'Let variables ask the grid.' }),
  };

  override async run(): Promise<number> {
    const { argv, flags } = await this.parse(StackBuild);
    const installed = new InstalledStacks(this);
    const reader = await openReader(this, flags, { installed: flags.online ? installed : undefined, isInteractive: true });
    const result = await reader.read({ source: flags.file, name: flags.name, values: await givenValues(this, flags, installed), isBuilding: true });
    if (result.apiRequest === undefined || isRefused(result, flags.strict)) throw invalid(flags.file, result);
    await tellWarnings(this, result.mistakes);
    const builds = this.#chosenBuilds(result, argv.map(String), flags.file);
    if (flags['values-to'] !== undefined) await writeValues(this.host, flags['values-to'], result);
    await buildImages(this.host, await this.#asEnginesAsk(builds), {
      folder: dirname(resolve(this.host.directory, flags.file)),
      hasCache: flags.cache, doesPull: flags.pull, doesPush: flags.push, isSudo: flags.sudo,
      say: (line) => this.note(line),
    });
    return 0;
  }

  /** Images of the grid's own registry by the name that docker pushes them to. */
  async #asEnginesAsk(builds: readonly Build[]): Promise<readonly Build[]> {
    if (!builds.some(({ image }) => isShortImage(image))) return builds;
    const { grid } = await this.chosen();
    return builds.map((build) => ({ ...build, image: wholeImage(build.image, grid) }));
  }

  #chosenBuilds({ apiRequest }: ReadResult, wanted: readonly string[], file: string): readonly Build[] {
    const services = (apiRequest?.services ?? []) as readonly ApiService[];
    const unknown = wanted.find((name) => !services.some((service) => service.name === name));
    if (unknown !== undefined) throw new UsageError(`there is no service "${unknown}" in ${basename(file)}; there are: ${services.map(({ name }) => name).join(', ')}`);
    const builds = services.filter(({ name }) => wanted.length === 0 || wanted.includes(name)).flatMap((service) => buildOf(service, this.host.env));
    if (builds.length === 0) throw new KontenaError('KON_INVALID', `there is nothing to build in ${file}: ${wanted.length === 0 ? 'no service has' : `${wanted.join(', ')} without`} \`build\``);
    return builds;
  }
}

/** Of a service as the original's request has it: with all it extends. */
interface ApiService {
  readonly name: string;
  readonly image: string;
  readonly build?: { readonly context: string; readonly dockerfile?: string; readonly args?: Readonly<Record<string, unknown>> };
  readonly hooks?: { readonly pre_build?: Build['hooks'] };
}

function buildOf({ name, image, build, hooks }: ApiService, env: Readonly<Record<string, string | undefined>>): readonly Build[] {
  if (build === undefined) return [];
  const args = Object.entries(build.args ?? {}).map(([key, value]) => [key, value === null || value === undefined ? env[key] : String(value as string | number | boolean)]);
  return [{ service: name, image, context: build.context, dockerfile: build.dockerfile, args: Object.fromEntries(args) as Build['args'], hooks: hooks?.pre_build ?? [] }];
}
