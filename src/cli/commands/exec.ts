import type { ProgramCall } from '../../model/index.js';
import { KontenaCommand } from '../command.js';
import { plainName } from '../names.js';
import { Args, Flags } from '../oclif.js';
import { execInAll } from '../exec-in-all.js';
import { speak } from '../speak.js';
import { UsageError } from '../usage-error.js';

/** A terminal whose window nobody knows. */
const UNKNOWN_SIZE = { columns: 80, rows: 24 } as const;

export default class Exec extends KontenaCommand {
  static override summary = 'Run a command in an instance.';
  static override description = 'The exit code is that of the command: 127 where there is no such program, 126 where it cannot be begun, 128 and the number of the signal that ended it. Signals sent to kontenactl go to the command; when kontenactl ends, the command does.';
  static override examples = [
    '<%= config.bin %> exec todo/web.1 -it -- sh',
    '<%= config.bin %> exec todo/db -i -- psql < dump.sql',
    '<%= config.bin %> exec todo/web --all -- cat /etc/hostname',
  ];
  static override strict = false;
  static override args = { name: Args.string({ required: true, description: 'INSTANCE, or STACK/SERVICE: the first of its instances that run.' }) };
  static override flags = {
    stdin: Flags.boolean({ default: false, char: 'i', summary: 'Give it what is typed or piped.' }),
    tty: Flags.boolean({ default: false, char: 't', summary: 'Give it a terminal.' }),
    user: Flags.string({ char: 'u', helpValue: '<user>', summary: 'Run it as this user (name or uid:gid).' }),
    all: Flags.boolean({ default: false, exclusive: ['stdin', 'tty'], summary: 'Run it in every instance of the service that runs, and begin each line with its instance.' }),
  };

  override async run(): Promise<number> {
    const { args, argv, flags } = await this.parse(Exec);
    const command = argv.slice(1).map(String);
    if (command.length === 0) throw new UsageError('no command is given: write it after --, as in `exec todo/web.1 -- ls /`');
    const name = plainName('instance', plainName('service', args.name));
    const console = await this.host.openConsole();
    if (flags.tty && flags.stdin && !console.isTyped) throw new UsageError('-t needs a terminal, and the input is none: leave it out');
    const call: ProgramCall = {
      command, hasInput: flags.stdin,
      ...(flags.tty ? { terminal: console.size ?? UNKNOWN_SIZE } : {}),
      ...(flags.user === undefined ? {} : { user: flags.user }),
    };
    const { control, grid } = await this.master();
    const leaving = new AbortController();
    try {
      if (flags.all) return await execInAll({ control, grid, service: name, call, console, label: (instance) => `${this.colours.cyan(instance)} | ` }, leaving.signal);
      return await speak(control.instances.exec(grid, { name, call }, leaving.signal), { console, hasInput: flags.stdin, hasTerminal: flags.tty });
    } finally {
      leaving.abort();
    }
  }
}
