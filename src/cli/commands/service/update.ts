import { KontenaCommand } from '../../command.js';
import { jsonFlag, waitFlags } from '../../flags.js';
import { plainName } from '../../names.js';
import { Args, Flags } from '../../oclif.js';
import { concludeDeclaration, tellApplied } from '../../stacks/index.js';
import { UsageError } from '../../usage-error.js';

export default class ServiceUpdate extends KontenaCommand {
  static override summary = 'Change a service in a hurry.';
  static override description = 'Until then `diff` shows how its file differs: the next apply of that decides again.';
  static override examples = ['<%= config.bin %> service update todo/web --image todo:1.4.1', '<%= config.bin %> service update todo/web -e LOG_LEVEL=debug --unset TRACE'];
  static override args = { service: Args.string({ required: true, description: 'STACK/SERVICE.' }) };
  static override flags = {
    image: Flags.string({ helpValue: '<image>', summary: 'Another image.' }),
    env: Flags.string({ char: 'e', multiple: true, multipleNonGreedy: true, helpValue: '<name=value>', summary: 'A variable of the environment; the others stay.' }),
    unset: Flags.string({ multiple: true, multipleNonGreedy: true, helpValue: '<name>', summary: 'Take a variable of the environment away.' }),
    instances: Flags.integer({ min: 0, helpValue: '<n>', summary: 'How many instances.' }),
    ...waitFlags,
    output: jsonFlag(),
  };

  override async run(): Promise<number> {
    const { args, flags: { image, env, unset, instances, ...flags } } = await this.parse(ServiceUpdate);
    if (image === undefined && env === undefined && unset === undefined && instances === undefined) throw new UsageError('nothing is to change: give --image, --env, --unset or --instances');
    const { control, grid } = await this.master();
    const change = { ...(image === undefined ? {} : { image }), ...(env === undefined ? {} : { env }), ...(unset === undefined ? {} : { unset }), ...(instances === undefined ? {} : { instances }) };
    const applied = await control.services.update(grid, plainName('service', args.service), change);
    const isJson = flags.output === 'json';
    if (!isJson) await tellApplied(this, applied, false);
    return concludeDeclaration(this, { applied: [applied], removed: [], isJson, timeoutMs: flags.wait ? flags.timeout : undefined });
  }
}
