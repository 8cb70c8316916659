import { OperatingCommand, several } from '../../operating-command.js';

export default class StackStart extends OperatingCommand {
  static override summary = 'Start all services of stacks that were stopped.';
  static override examples = ['<%= config.bin %> stack start todo'];
  static override strict = false;
  static override args = several;
  protected readonly kind = 'stack';
  protected readonly verb = 'start';
}
