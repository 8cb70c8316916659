import { OperatingCommand, several } from '../../operating-command.js';

export default class StackStop extends OperatingCommand {
  static override summary = 'Stop all services of stacks: they stand still, whatever is applied or restarted, until they are started.';
  static override description = 'What they keep stays on its node. Applying the file of the stack does not start them, and says so.';
  static override examples = ['<%= config.bin %> stack stop todo'];
  static override strict = false;
  static override args = several;
  protected readonly kind = 'stack';
  protected readonly verb = 'stop';
}
