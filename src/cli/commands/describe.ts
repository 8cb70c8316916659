import { Args } from '../oclif.js';
import type { Control, Resource } from '../../ports/index.js';
import { collect } from '../collect.js';
import { KontenaCommand } from '../command.js';
import { parseTarget, type Target } from '../names.js';
import { dropsOf } from '../network.js';
import { renderData, renderList } from '../output/index.js';

/** As many of the last changes as fit under the rest. */
const CHANGES = 5;

export default class Describe extends KontenaCommand {
  static override summary = 'Tell all there is to know about one thing.';
  static override examples = ['<%= config.bin %> describe stack todo', '<%= config.bin %> describe node/n1', '<%= config.bin %> describe route todo/web'];
  static override args = {
    kind: Args.string({ required: true, description: 'Kind, or KIND/NAME.' }),
    name: Args.string({ description: 'Name.' }),
  };

  override async run(): Promise<number> {
    const { args } = await this.parse(Describe);
    const { control, grid } = await this.master();
    const target = parseTarget(args.kind, args.name);
    for (const resource of await collect(control.resources.list({ grid, ...target }))) {
      const { kind, name, spec, status, ...rest } = resource;
      this.print(...(await renderData({ [kind.toLowerCase()]: name, ...rest, declared: spec, status }, 'yaml')));
      if (target.kind === 'node') await this.#printDrops(control, grid, name);
      await this.#printBelow(control, resource, target);
    }
    return 0;
  }

  async #printBelow(control: Control, resource: Resource, { kind }: Target): Promise<void> {
    if (kind === 'stack' || kind === 'service' || kind === 'node') await this.#printInstances(control, resource, kind);
    if (kind === 'stack' || kind === 'node' || kind === 'route') await this.#printChanges(control, resource, kind);
  }

  async #printInstances(control: Control, { grid, name }: Resource, kind: Target['kind']): Promise<void> {
    const items = await collect(control.resources.list({ grid, kind: 'instance', ...(kind === 'node' ? {} : { of: name }) }));
    const mine = kind === 'node' ? items.filter(({ spec }) => spec.node === name) : items;
    if (mine.length > 0) this.print('', ...(await renderList('instance', mine, { format: 'table', nowMs: Date.now(), limit: this.host.out.columns })));
  }

  async #printChanges(control: Control, { grid, name }: Resource, kind: Target['kind']): Promise<void> {
    const changes: string[] = [];
    for await (const { revision, at, actor, action, reason } of control.resources.history(grid, kind, name)) {
      if (changes.push(`  ${String(revision)}  ${at}  ${action} by ${actor}: ${reason}`) === CHANGES) break;
    }
    if (changes.length > 0) this.print('', 'last changes:', ...changes);
  }

  /** What the node's packet filter kept out, if it is there to say so. */
  async #printDrops(control: Control, grid: string, node: string): Promise<void> {
    const drops = dropsOf(await collect(control.network.status(grid, { node, isProbed: false }, new AbortController().signal)));
    if (drops.length > 0) this.print('', ...drops);
  }
}
