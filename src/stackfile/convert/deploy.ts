import { child, isList, textOf, wordOf, type Node, type Plain } from '../text/node.js';
import { numberOf } from './parts.js';
import { deepChild, tellOthers, type Converting, type Made } from './references.js';

const ON_FAILURE: Readonly<Record<string, string>> = { rollback: 'revert', pause: 'pause', continue: 'continue' };
/** What is understood of `deploy` and of the maps in it. */
const KNOWN: readonly (readonly [readonly string[], readonly string[]])[] = [
  [[], ['mode', 'replicas', 'update_config', 'placement', 'resources']],
  [['update_config'], ['order', 'failure_action', 'monitor']],
  [['placement'], ['constraints']],
  [['resources'], ['limits', 'reservations']],
  [['resources', 'limits'], ['cpus', 'memory']],
  [['resources', 'reservations'], ['cpus', 'memory']],
];

/** `deploy` of docker-compose as the keys of a stack file that say the same. */
export function deployKeys(node: Node, { mistakes, path }: Converting): Made {
  for (const [way, known] of KNOWN) tellOthers(deepChild(node, ...way), ['deploy', ...way].join('.'), known, { mistakes, path: [...path, ...way] });
  const action = textOf(deepChild(node, 'update_config', 'failure_action'));
  const monitor = textOf(deepChild(node, 'update_config', 'monitor'));
  const reservations = defined({ cpus: numberIn(deepChild(node, 'resources', 'reservations', 'cpus')), memory: sizeOf(deepChild(node, 'resources', 'reservations', 'memory')) });
  const deploy = defined({
    strategy: textOf(child(node, 'mode')) === 'global' ? 'daemon' : undefined,
    order: textOf(deepChild(node, 'update_config', 'order')),
    on_failure: action !== undefined && Object.hasOwn(ON_FAILURE, action) ? ON_FAILURE[action] : undefined,
    settle: monitor,
    resources: Object.keys(reservations).length === 0 ? undefined : { reservations },
  });
  const affinity = affinities(deepChild(node, 'placement', 'constraints'), { mistakes, path });
  return defined({
    instances: numberIn(child(node, 'replicas')),
    cpus: numberIn(deepChild(node, 'resources', 'limits', 'cpus')),
    mem_limit: sizeOf(deepChild(node, 'resources', 'limits', 'memory')),
    affinity: affinity.length === 0 ? undefined : affinity,
    deploy: Object.keys(deploy).length === 0 ? undefined : deploy,
  });
}

const defined = (values: Readonly<Record<string, Plain | undefined>>): Made => Object.fromEntries(Object.entries(values).flatMap(([key, value]) => (value === undefined ? [] : [[key, value]])));
const numberIn = (node: Node | undefined): Plain | undefined => (node === undefined ? undefined : numberOf(node));
const sizeOf = (node: Node | undefined): string | undefined => (node === undefined ? undefined : wordOf(node).replace(/b$/i, ''));

/** Constraints of docker-compose as affinities. */
function affinities(node: Node | undefined, { mistakes, path }: Converting): readonly string[] {
  if (!isList(node)) return [];
  return node.items.flatMap((item) => {
    const match = /^node\.(hostname|labels\.([^\s=!]+))\s*(==|!=)\s*(\S+)$/.exec(wordOf(item));
    if (match !== null) return [match[2] === undefined ? `node${match[3] ?? '=='}${match[4] ?? ''}` : `label${match[3] ?? '=='}${match[2]}=${match[4] ?? ''}`];
    mistakes.warn(item.at, path, `the constraint ${wordOf(item)} has no counterpart`, { hint: 'label the nodes, and write affinity: [label==NAME]' });
    return [];
  });
}
