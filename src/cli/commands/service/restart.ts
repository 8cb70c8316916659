import { OperatingCommand, several } from '../../operating-command.js';

export default class ServiceRestart extends OperatingCommand {
  static override summary = 'Replace the instances of services by their like, some at a time.';
  static override description = 'At the revision that runs, as many at a time as min_health allows.';
  static override examples = ['<%= config.bin %> service restart todo/web'];
  static override strict = false;
  static override args = several;
  protected readonly kind = 'service';
  protected readonly verb = 'restart';
}
