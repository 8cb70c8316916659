import { Args } from '../oclif.js';
import { parseService } from '../../model/index.js';
import { KontenaCommand } from '../command.js';
import { jsonFlag, waitFlags } from '../flags.js';
import { plainName } from '../names.js';
import { concludeDeclaration, tellApplied } from '../stacks/index.js';
import { UsageError } from '../usage-error.js';

/** An int32; the master allows fewer, and says how many. */
const MOST_ON_THE_WIRE = 2_147_483_647;

export default class Scale extends KontenaCommand {
  static override summary = 'Change how many instances of a service run.';
  static override description = 'The next apply of its file decides again.';
  static override examples = ['<%= config.bin %> scale todo/web 5'];
  static override args = {
    service: Args.string({ required: true, description: 'STACK/SERVICE.' }),
    instances: Args.integer({ required: true, ignoreStdin: true, min: 0, max: MOST_ON_THE_WIRE, description: 'How many.' }),
  };
  static override flags = { ...waitFlags, output: jsonFlag() };

  override async run(): Promise<number> {
    const { args, flags } = await this.parse(Scale);
    const service = plainName('service', args.service);
    if (parseService(service) === undefined) throw new UsageError(`"${args.service}" is not a service: write STACK/SERVICE, like todo/web`);
    const { control, grid } = await this.master();
    const applied = await control.services.scale(grid, service, args.instances);
    const isJson = flags.output === 'json';
    if (!isJson) await tellApplied(this, applied, false);
    return concludeDeclaration(this, { applied: [applied], removed: [], isJson, timeoutMs: flags.wait ? flags.timeout : undefined });
  }
}
