import { VOLUME_SCOPES } from '../../../model/index.js';
import { KontenaCommand } from '../../command.js';
import { jsonFlag, parseAssignments } from '../../flags.js';
import { Args, Flags } from '../../oclif.js';

export default class VolumeCreate extends KontenaCommand {
  static override summary = 'Declare a volume that services may mount by its name.';
  static override description = 'Nodes make it when a service of theirs first mounts it. Nothing of it changes later; what is in it is removed by `volume remove --delete-data` alone.';
  static override examples = [
    '<%= config.bin %> volume create data --driver local --scope instance',
    '<%= config.bin %> volume create uploads --driver local --scope stack --driver-opt type=nfs --driver-opt o=addr=10.0.0.5 --driver-opt device=:/uploads',
  ];
  static override args = { name: Args.string({ required: true, description: 'Name of the volume: letters, digits, - and _.' }) };
  static override flags = {
    driver: Flags.string({ default: 'local', helpValue: '<driver>', summary: 'Volume driver of the nodes\' engines, without a version. Only nodes that have it run what mounts the volume.' }),
    scope: Flags.option({ options: VOLUME_SCOPES, required: true, summary: 'Whose the data is: each instance\'s own, one for a stack, or one for the grid. Those of stack and grid are one on each node, unless the driver shares them.' })(),
    'driver-opt': Flags.string({ multiple: true, multipleNonGreedy: true, helpValue: '<name=value>', summary: 'Option of the driver.' }),
    output: jsonFlag(),
  };

  override async run(): Promise<number> {
    const { args, flags } = await this.parse(VolumeCreate);
    const { control, grid } = await this.master();
    const volume = { name: args.name, scope: flags.scope, driver: flags.driver, driverOpts: parseAssignments(flags['driver-opt'], '--driver-opt') };
    const { revision } = await control.volumes.declare(grid, { ...volume, isNew: true });
    if (flags.output === 'json') await this.printJson({ kind: 'Volume', grid, ...volume, revision });
    else this.print(`volume/${args.name} is declared`);
    return 0;
  }
}
