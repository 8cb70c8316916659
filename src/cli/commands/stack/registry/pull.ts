import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { KontenaError, messageOf } from '../../../../model/index.js';
import { KontenaCommand } from '../../../command.js';
import { Args, Flags } from '../../../oclif.js';
import { missingSource, registryFlags, requireRegistry } from '../../../stacks/index.js';

export default class RegistryPull extends KontenaCommand {
  static override summary = 'Print a stack file of the registry, or write it to a file.';
  static override examples = ['<%= config.bin %> stack registry pull acme/todo', '<%= config.bin %> stack registry pull acme/todo:1.2.0 -F kontena.yml'];
  static override args = { name: Args.string({ required: true, description: 'user/stack or user/stack:version; the newest version when none is named.' }) };
  static override flags = { file: Flags.string({ char: 'F', helpValue: '<file>', summary: 'Write it there; what lies there is replaced.' }), ...registryFlags };

  override async run(): Promise<number> {
    const { args, flags } = await this.parse(RegistryPull);
    const { parseReference } = await import('../../../../stack-registry/index.js');
    const { name, version } = parseReference(args.name);
    const registry = await requireRegistry(this.host, flags);
    const pulled = await registry.pull(name, version);
    if (pulled === undefined) throw await missingSource(args.name, () => Promise.resolve(registry));
    if (flags.file === undefined) {
      this.host.out.write(pulled.text);
      return 0;
    }
    try {
      await writeFile(resolve(this.host.directory, flags.file), pulled.text);
    } catch (error) {
      throw new KontenaError('KON_FILE_UNREADABLE', `${flags.file} cannot be written: ${messageOf(error)}`, { cause: error });
    }
    this.print(`${flags.file} is written, ${String(Buffer.byteLength(pulled.text))} bytes`);
    return 0;
  }
}
