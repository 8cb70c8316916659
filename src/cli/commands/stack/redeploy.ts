import { OperatingCommand, several } from '../../operating-command.js';

export default class StackRedeploy extends OperatingCommand {
  static override summary = 'Deploy all services of stacks again as they are declared.';
  static override description = 'As restart; what went back after a failure is tried anew.';
  static override examples = ['<%= config.bin %> stack redeploy todo'];
  static override strict = false;
  static override args = several;
  protected readonly kind = 'stack';
  protected readonly verb = 'redeploy';
}
