import { trustTokenServer } from '../../../context/index.js';
import { KontenaCommand } from '../../../command.js';
import { Args } from '../../../oclif.js';
import { UsageError } from '../../../usage-error.js';

export default class RegistryTrust extends KontenaCommand {
  static override summary = 'Let a server that an OCI registry names be told the password or token kept for that registry.';
  static override description = 'A registry may leave it to another server to give tokens. That server is told nothing before you allow it, on the terminal when it is first wanted, or here. A master that watches a directory goes by the settings of its own user.';
  static override examples = ['<%= config.bin %> stack registry trust registry.example.com https://auth.example.com'];
  static override args = {
    registry: Args.string({ required: true, description: 'Registry, host or host:port.' }),
    server: Args.string({ required: true, description: 'Server that gives its tokens, https://host or https://host:port.' }),
  };

  override async run(): Promise<number> {
    const { args } = await this.parse(RegistryTrust);
    const registry = args.registry.replace(/^oci:\/\//, '').replace(/\/.*$/, '');
    if (!/^https?:\/\/[^/?#@]+\/?$/.test(args.server) || !URL.canParse(args.server)) throw new UsageError(`${args.server}: the address of a server is wanted, like https://auth.example.com`);
    const { origin } = new URL(args.server);
    await trustTokenServer(this.host, registry, origin);
    this.print(`${origin} may be told what is kept for the stack registry ${registry}`);
    return 0;
  }
}
