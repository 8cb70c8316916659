import type { MoveState } from '../../../ports/index.js';
import { KontenaCommand } from '../../command.js';
import { INTERRUPTED } from '../../exit.js';
import { yesFlag } from '../../flags.js';
import { plainName } from '../../names.js';
import { Args, Flags } from '../../oclif.js';
import { UsageError } from '../../usage-error.js';
import { nodeOfVolume, volumeArgument } from '../../volumes.js';

export default class VolumeMove extends KontenaCommand {
  static override summary = 'Let the data of a stateful instance lie on another node, and the instance run there.';
  static override description = 'What runs in its slot is stopped, all of its volumes are copied through the master and compared, and only then are they removed where they were. It goes on by itself when this command, the master or an agent ends, and is called off with --cancel until it is copied.';
  static override examples = ['<%= config.bin %> volume move data.1 --to n2', '<%= config.bin %> volume move todo/db.1 --to n2 --no-wait --yes', '<%= config.bin %> volume move todo/db.1 --cancel'];
  static override args = { name: Args.string(volumeArgument) };
  static override flags = {
    to: Flags.string({ helpValue: '<node>', summary: 'Node where the data is to lie.' }),
    cancel: Flags.boolean({ default: false, exclusive: ['to'], summary: 'Let it stay where it is.' }),
    wait: Flags.boolean({ default: true, allowNo: true, summary: 'Wait until it has moved.' }),
    node: nodeOfVolume,
    yes: yesFlag,
  };

  override async run(): Promise<number> {
    const { args, flags } = await this.parse(VolumeMove);
    const { to } = flags;
    if (to === undefined && !flags.cancel) throw new UsageError('--to says on which node it is to lie; --cancel, that it is to stay where it is');
    const { control, grid } = await this.master();
    const at = { name: plainName('volume', args.name), ...(flags.node === undefined ? {} : { node: flags.node }) };
    const signal = new AbortController().signal;
    if (to === undefined) {
      const { slot, from } = await control.volumes.callOff(grid, at, signal);
      this.print(`the data of ${slot} stays on ${from}`);
      return 0;
    }
    await this.confirm(`Stop what uses ${at.name} of grid ${grid}, and move its data to ${to}?`, flags.yes);
    const { slot, from } = await control.volumes.move(grid, { ...at, to }, signal);
    this.print(`the data of ${slot} is to move from ${from} to ${to}`);
    return flags.wait ? this.#follow(slot) : 0;
  }

  async #follow(slot: string): Promise<number> {
    const { control, grid } = await this.master();
    const over = new AbortController();
    const forget = this.host.onInterrupt(() => over.abort());
    try {
      let last: MoveState | undefined;
      for await (const state of control.volumes.follow(grid, slot, over.signal)) {
        this.print(lineOf(state));
        last = state;
      }
      if (over.signal.aborted) this.note(`it goes on: see \`${this.config.bin} describe instance ${slot}\`, or call it off with --cancel`);
      return over.signal.aborted ? INTERRUPTED : last?.phase === 'done' ? 0 : 1;
    } finally {
      forget();
    }
  }
}

function lineOf({ phase, from, to, reason, bytes }: MoveState): string {
  const words = { stopping: 'ends what runs', waiting: 'waits', copying: `copies to ${to}`, copied: `${String(bytes ?? 0)} bytes are on both nodes`, done: `lies on ${to}`, failed: `stays on ${from}`, 'called-off': 'was called off' }[phase];
  return `  ${words}${reason === undefined ? '' : `: ${reason}`}`;
}
