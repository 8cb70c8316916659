import { Args } from '../oclif.js';
import type { Control, HistoryItem, Resource } from '../../ports/index.js';
import { collect } from '../collect.js';
import { KontenaCommand } from '../command.js';
import { checksOf, declaredOf, type Described, summaryOf } from '../description/index.js';
import { parseTarget } from '../names.js';
import { dropsOf } from '../network.js';
import { ageOf, renderData, renderList } from '../output/index.js';

/** As many of the last changes as fit under the rest. */
const CHANGES = 5;

export default class Describe extends KontenaCommand {
  static override summary = 'Tell all there is to know about one thing: what is wrong, since when and what happened last, then the rest.';
  static override description = 'What was declared stands in the words of the stack file, without what is so by default.';
  static override examples = ['<%= config.bin %> describe stack todo', '<%= config.bin %> describe instance todo/web.1', '<%= config.bin %> describe node/n1', '<%= config.bin %> describe route todo/web'];
  static override args = {
    kind: Args.string({ required: true, description: 'Kind, or KIND/NAME.' }),
    name: Args.string({ description: 'Name.' }),
  };

  override async run(): Promise<number> {
    const { args } = await this.parse(Describe);
    const { control, grid } = await this.master();
    for (const resource of await collect(control.resources.list({ grid, ...parseTarget(args.kind, args.name) }))) {
      const described: Described = { resource, instances: await instancesOf(control, resource), changes: await changesOf(control, resource), nowMs: Date.now() };
      this.print(...summaryOf(described));
      await this.#printInstances(described);
      if (resource.kind === 'Node') await this.#printDrops(control, grid, resource.name);
      if (resource.kind === 'Instance') await this.#printWords(control, resource);
      await this.#printRest(described);
    }
    return 0;
  }

  async #printInstances({ instances, nowMs }: Described): Promise<void> {
    if (instances.length > 0) this.print('', ...(await renderList('instance', instances, { format: 'table', nowMs, limit: this.host.out.columns })));
  }

  /** What an instance last answered, and what its container last said. */
  async #printWords(control: Control, { grid, name, status }: Resource): Promise<void> {
    const checks = await checksOf(control, grid, name, this.host.out.columns);
    if (checks.length > 0) this.print('', ...checks);
    if (Array.isArray(status.output) && status.output.length > 0) this.print('', 'last words:', ...status.output.map((line) => `  ${String(line)}`));
  }

  async #printRest({ resource, changes, nowMs }: Described): Promise<void> {
    const [last] = resource.kind === 'Service' ? changes : []; // a service is declared by its stack
    const { revision, at, actor } = last ?? { revision: resource.revision, at: resource.updatedAt, actor: resource.updatedBy };
    const { state: _state, reason: _reason, output: _output, ...status } = resource.status;
    const indented = async (data: object): Promise<readonly string[]> => (await renderData(data, 'yaml')).map((line) => `  ${line}`);
    this.print('', `declared (revision ${String(revision)}, by ${actor}, ${ageOf(at, nowMs)} ago):`, ...(await indented(await declaredOf(resource))));
    if (Object.keys(status).length > 0) this.print('', 'status:', ...(await indented(status)));
    if (changes.length > 0) this.print('', 'last changes:', ...changes.map((change) => `  ${String(change.revision)}  ${change.at}  ${change.action} by ${change.actor}: ${change.reason}`));
  }

  /** What the node's packet filter kept out, if it is there to say so. */
  async #printDrops(control: Control, grid: string, node: string): Promise<void> {
    const drops = dropsOf(await collect(control.network.status(grid, { node, isProbed: false }, new AbortController().signal)));
    if (drops.length > 0) this.print('', ...drops);
  }
}

async function instancesOf(control: Control, { kind, grid, name }: Resource): Promise<readonly Resource[]> {
  if (kind !== 'Stack' && kind !== 'Service' && kind !== 'Node') return [];
  const items = await collect(control.resources.list({ grid, kind: 'instance', ...(kind === 'Node' ? {} : { of: name }) }));
  return kind === 'Node' ? items.filter(({ spec }) => spec.node === name) : items;
}

/** The last changes of what people declared: of a service, those of its stack. */
async function changesOf(control: Control, resource: Resource): Promise<readonly HistoryItem[]> {
  const source = declarationOf(resource);
  if (source === undefined) return [];
  const changes: HistoryItem[] = [];
  for await (const change of control.resources.history(resource.grid, source.kind, source.name)) if (changes.push(change) === CHANGES) break;
  return changes;
}

function declarationOf({ kind, name }: Resource): { readonly kind: 'stack' | 'node' | 'grid' | 'route'; readonly name: string } | undefined {
  if (kind === 'Stack') return { kind: 'stack', name };
  if (kind === 'Service') return { kind: 'stack', name: name.slice(0, name.indexOf('/')) };
  if (kind === 'Node') return { kind: 'node', name };
  if (kind === 'Grid') return { kind: 'grid', name };
  return kind === 'Route' ? { kind: 'route', name } : undefined;
}
