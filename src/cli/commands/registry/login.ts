import { mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { replaceFile } from '../../../files/index.js';
import { REGISTRY_PASSWORD, REGISTRY_USER, registryHost } from '../../../model/index.js';
import { KontenaCommand } from '../../command.js';
import { Flags } from '../../oclif.js';
import { authorityOf, keepForDocker } from '../../registry/index.js';

export default class RegistryLogin extends KontenaCommand {
  static override summary = 'Let docker on this machine know the password of the grid\'s registry.';
  static override description = 'Docker then pushes and pulls where it reaches the registry: on nodes of the grid, and over the VPN. Nodes trust its certificate by themselves; elsewhere --trust says where docker looks for authorities.';
  static override examples = ['<%= config.bin %> registry login', '<%= config.bin %> registry login --trust /etc/docker/certs.d'];
  static override flags = {
    trust: Flags.string({ helpValue: '<dir>', summary: 'Write the authority that certifies it there, in a folder of the registry\'s name: /etc/docker/certs.d, or ~/.docker/certs.d of Docker Desktop.' }),
  };

  override async run(): Promise<number> {
    const { flags } = await this.parse(RegistryLogin);
    const { control, grid } = await this.master();
    const registry = registryHost(grid);
    const password = await control.vault.readSecret(grid, REGISTRY_PASSWORD);
    if (flags.trust !== undefined) {
      const folder = join(resolve(this.host.directory, flags.trust), registry);
      await mkdir(folder, { recursive: true });
      await replaceFile(join(folder, 'ca.crt'), await authorityOf(this), { mode: 0o644 });
      this.print(`docker trusts ${registry} by ${join(folder, 'ca.crt')}`);
    }
    this.print(`docker knows the password of ${registry}, in ${await keepForDocker(this.host, { registry, user: REGISTRY_USER, password })}`);
    return 0;
  }
}
