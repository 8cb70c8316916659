import { writeFile } from 'node:fs/promises';
import { basename, dirname, resolve } from 'node:path';
import { KontenaError, messageOf } from '../../../model/index.js';
import { KontenaCommand } from '../../command.js';
import { Args } from '../../oclif.js';

export default class StackInit extends KontenaCommand {
  static override summary = 'Write a commented stack file to begin with.';
  static override examples = ['<%= config.bin %> stack init', '<%= config.bin %> stack init web.yml'];
  static override args = { file: Args.string({ default: 'kontena.yml', description: 'File to write; it must not exist.' }) };

  override async run(): Promise<number> {
    const { args } = await this.parse(StackInit);
    const path = resolve(this.host.directory, args.file);
    try {
      await writeFile(path, template(stackName(basename(dirname(path)))), { flag: 'wx' });
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'EEXIST') throw new KontenaError('KON_FILE_EXISTS', `${args.file} is there already and stays as it is`);
      throw new KontenaError('KON_FILE_UNREADABLE', `${args.file} cannot be written: ${messageOf(error)}`, { cause: error });
    }
    this.print(`${args.file} is written`);
    this.note(`Check it with: ${this.config.bin} stack validate ${args.file}`, `Apply it with: ${this.config.bin} apply -f ${args.file}`);
    return 0;
  }
}

/** The name of the folder, as far as it may name a stack. */
const stackName = (folder: string): string => folder.toLowerCase().replaceAll(/[^a-z0-9-]+/g, '-').replace(/^-+/, '').replace(/-+$/, '') || 'my-stack';

const template = (name: string): string => `stack: ${name}
version: 0.1.0

# Values that may differ from one installation to the next; give them with -v tag=1.28
variables:
  tag:
    type: string
    default: latest

services:
  web:
    image: nginx:\${tag}
    instances: 2
    ports:
      - "8080:80" # port of the node : port of the container
    # environment:
    #   - LOG_LEVEL=info
    # volumes:
    #   - /data
    # deploy:
    #   strategy: ha      # spread over the nodes; or daemon (one on each), random
    #   min_health: 0.8   # share of the instances that stays up during an update
    # health_check:
    #   protocol: http
    #   port: 80
    #   uri: /
`;
