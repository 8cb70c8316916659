import { KontenaError } from '../../../model/index.js';
import { KontenaCommand } from '../../command.js';
import { jsonFlag, waitFlags } from '../../flags.js';
import { Args, Flags } from '../../oclif.js';
import { renderData } from '../../output/index.js';
import { concludeDeclaration, declareStacks, InstalledStacks, openReader, tellApplied, tellWarnings } from '../../stacks/index.js';

export default class ServiceCreate extends KontenaCommand {
  static override summary = 'Run an image as a service, without a stack file.';
  static override description = 'It is a stack of its own name with that one service. `--print` writes the stack file instead, to go on from.';
  static override examples = ['<%= config.bin %> service create redis:7', '<%= config.bin %> service create acme/web:1.4 --name web --instances 3 -p 80:8080 -e LOG_LEVEL=info'];
  static override args = { image: Args.string({ required: true, description: 'Image, with a tag or a digest.' }) };
  static override flags = {
    name: Flags.string({ helpValue: '<name>', summary: 'Name of the service and of its stack; the image\'s own unless given.' }),
    instances: Flags.integer({ min: 0, default: 1, helpValue: '<n>', summary: 'How many instances.' }),
    port: Flags.string({ char: 'p', multiple: true, multipleNonGreedy: true, default: [], helpValue: '<node:container>', summary: 'A port of the node that leads to the containers.' }),
    env: Flags.string({ char: 'e', multiple: true, multipleNonGreedy: true, default: [], helpValue: '<name=value>', summary: 'A variable of the environment.' }),
    stateful: Flags.boolean({ default: false, summary: 'It keeps its data: an instance stays on its node.' }),
    print: Flags.boolean({ default: false, summary: 'Print the stack file, and do nothing.' }),
    ...waitFlags,
    output: jsonFlag(),
  };

  override async run(): Promise<number> {
    const { args, flags } = await this.parse(ServiceCreate);
    const name = flags.name ?? nameOf(args.image);
    const service = {
      image: args.image,
      ...(flags.instances === 1 ? {} : { instances: flags.instances }),
      ...(flags.stateful ? { stateful: true } : {}),
      ...(flags.port.length === 0 ? {} : { ports: flags.port }),
      ...(flags.env.length === 0 ? {} : { environment: flags.env.map(literal) }),
    };
    const file = (await renderData({ stack: name, services: { [name]: service } }, 'yaml')).join('\n');
    if (flags.print) {
      this.print(file);
      return 0;
    }
    const installed = new InstalledStacks(this);
    const reader = await openReader(this, {}, { installed, isInteractive: false });
    const files = await reader.readAll({ source: `${name}.yml`, text: `${file}\n`, values: {} });
    await tellWarnings(this, files.flatMap(({ mistakes }) => mistakes));
    if ((await installed.all()).some((one) => one.name === name)) throw new KontenaError('KON_CONFLICT', `there is a stack ${name} already: choose another name with --name, or change its service with \`${this.config.bin} service update ${name}/${name}\``);
    const isJson = flags.output === 'json';
    const { applied } = await declareStacks(this, files.map(({ stack }) => ({ stack, secrets: {} })), { installed, isDry: false, told: async (one) => (isJson ? undefined : tellApplied(this, one, false)) });
    return concludeDeclaration(this, { applied, removed: [], isJson, timeoutMs: flags.wait ? flags.timeout : undefined });
  }
}

/** `web` of `registry.example.com:5000/acme/web:1.4`. */
const nameOf = (image: string): string => (image.split('/').at(-1) ?? image).replace(/[:@].*$/, '');

/** As it is typed: a stack file would take `$NAME` for a variable. */
const literal = (assignment: string): string => assignment.replaceAll('$', '$$$$');
