import { DOCKER_HUB } from '../../../model/index.js';
import { KontenaCommand } from '../../command.js';
import { Args, Flags } from '../../oclif.js';
import { passwordAt } from '../../vault.js';

export default class ExternalRegistryAdd extends KontenaCommand {
  static override summary = 'Say how the grid\'s nodes ask a registry for images.';
  static override description = 'Nodes that run images from there are told, sealed in the vault as secrets are; added again, the login takes the place of the one before. Without -p the password is asked for unseen, or read from stdin.';
  static override examples = ['<%= config.bin %> external-registry add registry.example.com:5000 -u ci', 'cat token | <%= config.bin %> external-registry add https://ghcr.io -u ada'];
  static override args = { host: Args.string({ default: DOCKER_HUB, description: 'Host of the registry, with its port where it has one of its own; https:// before it and a path behind it do no harm.' }) };
  static override flags = {
    username: Flags.string({ char: 'u', required: true, helpValue: '<user>', summary: 'Who asks.' }),
    password: Flags.string({ char: 'p', helpValue: '<password>', summary: 'Their password, or a token of theirs: on the command line it stays in the history of the shell.' }),
  };

  override async run(): Promise<number> {
    const { args, flags } = await this.parse(ExternalRegistryAdd);
    const { control, grid } = await this.master();
    const password = await passwordAt(this.host, args.host, flags.password);
    const { name, isChanged } = await control.registries.write(grid, { host: args.host, user: flags.username, password });
    this.print(isChanged ? `registry/${name} is asked as ${flags.username} from now on` : `registry/${name} is asked so already`);
    return 0;
  }
}
