import { Args } from '../../oclif.js';
import { KontenaError } from '../../../model/index.js';
import { collect } from '../../collect.js';
import { KontenaCommand } from '../../command.js';
import { plainName } from '../../names.js';

export default class NodeLabel extends KontenaCommand {
  static override summary = 'Show, set and remove labels of a node.';
  static override description = 'key or key=value sets a label, key- removes it. Without labels it prints what there is.';
  static override examples = ['<%= config.bin %> node label n1 ssd region=eu', '<%= config.bin %> node label n1 ssd-'];
  static override strict = false;
  static override args = {
    node: Args.string({ required: true, description: 'Name of the node.' }),
    labels: Args.string({ description: 'key, key=value, or key- …' }),
  };

  override async run(): Promise<number> {
    const { args, argv } = await this.parse(NodeLabel);
    const changes = argv.slice(1).map(String);
    const { control, grid } = await this.master();
    const name = plainName('node', args.node);
    const [node] = await collect(control.resources.list({ grid, kind: 'node', name }));
    if (node === undefined) throw new KontenaError('KON_NOT_FOUND', `there is no node ${name}`);
    const before = Array.isArray(node.spec.labels) ? node.spec.labels.map(String) : [];
    const after = changeLabels(before, changes);
    if (changes.length > 0) await control.nodes.update(grid, node.name, { labels: after });
    this.print(...after);
    if (after.length === 0) this.note(`node ${node.name} has no labels`);
    return 0;
  }
}

const keyOf = (label: string): string => label.split('=', 1)[0] ?? label;

/** Labels after `key=value` set and `key-` removed some. @throws KontenaError KON_NOT_FOUND */
export function changeLabels(labels: readonly string[], changes: readonly string[]): readonly string[] {
  let after = [...labels];
  for (const change of changes) {
    const isRemoval = change.endsWith('-') && !change.includes('=');
    const key = isRemoval ? change.slice(0, -1) : keyOf(change);
    if (isRemoval && !after.some((label) => keyOf(label) === key)) throw new KontenaError('KON_NOT_FOUND', `the node has no label "${key}"`);
    after = after.filter((label) => keyOf(label) !== key);
    if (!isRemoval) after.push(change);
  }
  return after;
}
