import { Args, Flags } from '../oclif.js';
import { KontenaCommand } from '../command.js';
import { plainName } from '../names.js';

export default class Forward extends KontenaCommand {
  static override summary = 'Reach a TCP port of a service or instance from this machine.';
  static override description = 'Each connection goes through the master and the node to one instance, chosen by chance among those of a service that run. Ctrl-C ends it.';
  static override examples = ['<%= config.bin %> forward shop/db 5432', '<%= config.bin %> forward shop/web.2 8080:80 --address 0.0.0.0'];
  static override args = {
    name: Args.string({ required: true, description: 'STACK/SERVICE or INSTANCE.' }),
    ports: Args.string({ required: true, description: 'Port here and port there, as in 8080:80; one number means both. Port 0 here is any free one.' }),
  };
  static override flags = {
    address: Flags.string({ default: '127.0.0.1', helpValue: '<ip>', summary: 'Address of this machine to listen on.' }),
  };

  override async run(): Promise<number> {
    const { args, flags } = await this.parse(Forward);
    const { forwardPorts, parsePorts } = await import('../forward.js');
    const { local, remote } = parsePorts(args.ports);
    const name = plainName('instance', plainName('service', args.name));
    const { control, grid } = await this.master();
    const over = new AbortController();
    const forget = this.host.onInterrupt(() => over.abort());
    try {
      await forwardPorts({
        host: flags.address, port: local, signal: over.signal,
        open: (signal) => control.instances.forward(grid, { name, port: remote }, signal),
        listening: (address) => this.print(`${address} leads to port ${String(remote)} of ${name}. Ctrl-C ends it.`),
        failed: (error) => this.note(`error: ${error.message}`),
      });
    } finally {
      forget();
    }
    return 0;
  }
}
