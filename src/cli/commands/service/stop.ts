import { OperatingCommand, several } from '../../operating-command.js';

export default class ServiceStop extends OperatingCommand {
  static override summary = 'Stop services: they stand still, whatever is applied or restarted, until they are started.';
  static override description = 'What they keep stays on its node. Applying the file of the stack does not start them, and says so.';
  static override examples = ['<%= config.bin %> service stop todo/web'];
  static override strict = false;
  static override args = several;
  protected readonly kind = 'service';
  protected readonly verb = 'stop';
}
