import { isAbsolute } from 'node:path';
import { KontenaError } from '../../../../model/index.js';
import type { ReadResult } from '../../../../stackfile/index.js';
import { KontenaCommand } from '../../../command.js';
import { parseAssignments } from '../../../flags.js';
import { Args } from '../../../oclif.js';
import { invalid, openReader, requireRegistry, valueFlags } from '../../../stacks/index.js';

export default class RegistryPush extends KontenaCommand {
  static override summary = 'Put a stack file into the registry, under the name and version that it says.';
  static override description = 'A version that is there already stays what it is. The file must stand alone: it may depend on stacks of a registry, not on files beside it.';
  static override examples = ['<%= config.bin %> stack registry push', '<%= config.bin %> stack registry push stack.yml --registry git+ssh://git@example.com/stacks.git'];
  static override args = { file: Args.string({ default: 'kontena.yml', description: 'Stack file.' }) };
  static override flags = { variable: valueFlags.variable, registry: valueFlags.registry, 'insecure-http': valueFlags['insecure-http'], 'allow-files': valueFlags['allow-files'] };

  override async run(): Promise<number> {
    const { args, flags } = await this.parse(RegistryPush);
    const registry = await requireRegistry(this.host, flags);
    const reader = await openReader(this, flags, { registry, isInteractive: false });
    const result = await reader.read({ source: args.file, values: parseAssignments(flags.variable, '-v') });
    const text = result.sources[0]?.text;
    if (text === undefined) throw new KontenaError('KON_FILE_UNREADABLE', `there is no file ${args.file}`);
    // a value that whoever installs it gives is no mistake yet
    if (result.mistakes.some(({ severity, path }) => severity === 'error' && !path.startsWith('variables'))) throw invalid(args.file, result);
    const { fullName, isStackReference, parseReference } = await import('../../../../stack-registry/index.js');
    const written = String(fieldOf(result.document, 'stack'));
    if (!isStackReference(written)) throw new KontenaError('KON_INVALID', `${args.file} calls itself "${written}", and a stack registry keeps stacks of somebody: write stack: USER/${written.replace(/^.*\//, '')}`);
    const { name } = parseReference(written);
    const beside = filesBeside(result);
    if (beside.length > 0) throw new KontenaError('KON_INVALID', `${args.file} needs files beside it, which the registry does not keep: ${beside.join(', ')}; push what it depends on first, and name that as user/stack`);
    const version = versionIn(text);
    await registry.push({ name, version, text });
    this.print(`${fullName(name)}:${version} is in the stack registry`);
    return 0;
  }
}

const fieldOf = (plain: unknown, key: string): unknown => (typeof plain === 'object' && plain !== null ? (plain as Readonly<Record<string, unknown>>)[key] : undefined);

/** As it is written: 1.10 is not 1.1. */
function versionIn(text: string): string {
  const [, quoted, single, bare] = /^version:[ \t]*(?:"([^"\n]*)"|'([^'\n]*)'|([^\s#]+))/m.exec(text) ?? [];
  return quoted ?? single ?? bare ?? '0.0.1';
}

/** Files that a stack file mentions: dependencies, what services extend, where their environment stands and variables take their values. */
function filesBeside({ document, dependencies }: ReadResult): readonly string[] {
  const services = Object.values(fieldOf(document, 'services') ?? {}) as readonly unknown[];
  const variables = Object.values(fieldOf(document, 'variables') ?? {}) as readonly unknown[];
  const taken = variables.map((variable) => fieldOf(fieldOf(variable, 'from'), 'file')).map((hint) => fieldOf(hint, 'path') ?? hint);
  const mentioned = [...services.flatMap((service) => [fieldOf(fieldOf(service, 'extends'), 'file'), fieldOf(service, 'env_file')].flat()), ...taken];
  return [...dependencies.map(({ source }) => source).filter((source) => isAbsolute(source)), ...mentioned.filter((file) => typeof file === 'string')];
}
