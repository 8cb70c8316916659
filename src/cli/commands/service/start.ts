import { OperatingCommand, several } from '../../operating-command.js';

export default class ServiceStart extends OperatingCommand {
  static override summary = 'Start services that were stopped.';
  static override examples = ['<%= config.bin %> service start todo/web'];
  static override strict = false;
  static override args = several;
  protected readonly kind = 'service';
  protected readonly verb = 'start';
}
