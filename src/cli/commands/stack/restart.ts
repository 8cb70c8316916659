import { OperatingCommand, several } from '../../operating-command.js';

export default class StackRestart extends OperatingCommand {
  static override summary = 'Replace the instances of all services of stacks by their like, some at a time.';
  static override description = 'At the revision that runs, as many at a time as min_health allows; services that are stopped are left so.';
  static override examples = ['<%= config.bin %> stack restart todo'];
  static override strict = false;
  static override args = several;
  protected readonly kind = 'stack';
  protected readonly verb = 'restart';
}
