import { OperatingCommand, several } from '../../operating-command.js';

export default class ServiceRedeploy extends OperatingCommand {
  static override summary = 'Deploy services again as they are declared.';
  static override description = 'As restart; what went back after a failure is tried anew.';
  static override examples = ['<%= config.bin %> service redeploy todo/web'];
  static override strict = false;
  static override args = several;
  protected readonly kind = 'service';
  protected readonly verb = 'redeploy';
}
