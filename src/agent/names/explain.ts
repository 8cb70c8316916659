import { DOMAIN, type Endpoint } from '../../model/index.js';
import { addressIn, answer, isOfDomain, meaning, type NameContext, plain } from './answer.js';

/** One instance behind a name. */
export interface Explained {
  readonly instance: string;
  readonly address: string;
  readonly node: string;
  /** Why it is not in the answer, in one sentence; undefined when it is. */
  readonly whyNot?: string;
}

/** What a name is answered with, and why so. */
export interface Explanation {
  /** In full: `web.todo.default.kontena.local`. */
  readonly name: string;
  readonly said: ReturnType<typeof answer>['kind'];
  /** What it stands for, or why it stands for nothing, in one sentence. */
  readonly because: string;
  /** All behind it, in the order of their names. */
  readonly instances: readonly Explained[];
}

/** Explains a name as people write it: in full, as `web.todo` or `web`, or an address of the grid. */
export function explain(asked: string, context: NameContext): Explanation {
  const name = inFull(plain(asked), context);
  const address = addressIn(name);
  const { kind } = answer({ name, type: address === undefined ? 'A' : 'PTR' }, context);
  const { rows, linked } = address === undefined ? meaning(name, context) : { rows: context.index.at(address), linked: undefined };
  const instances = kind === 'elsewhere' ? [] : rows.map((row) => explained(row, address !== undefined));
  const alias = linked === undefined ? '' : `${linked.alias} is how ${linked.from} calls ${linked.service}; `;
  return { name, said: kind, because: `${alias}${reason(kind, instances, context)}`, instances: instances.sort((a, b) => a.instance.localeCompare(b.instance, 'en', { numeric: true })) };
}

/** An address has its name whether or not it serves. */
const explained = ({ instance, address, node, serves, whyNot }: Endpoint, isReverse: boolean): Explained =>
  ({ instance, address, node, ...(serves || isReverse ? {} : { whyNot: whyNot ?? 'it does not serve' }) });

function reason(kind: Explanation['said'], instances: readonly Explained[], { grid }: NameContext): string {
  switch (kind) {
    case 'elsewhere':
      return 'it is not of the grid: the servers of names that the node uses are asked';
    case 'unknown':
      return `grid ${grid} has no instance with an address under this name`;
    case 'none':
      return instances.length === 0 ? 'it is known, and nothing is behind it now' : 'none of the instances behind it serves';
    case 'records':
      return `${String(instances.filter(({ whyNot }) => whyNot === undefined).length)} of ${String(instances.length)} instances are answered with`;
  }
}

/** As the search domains of a container complete it, those of its stack left out. */
function inFull(name: string, context: NameContext): string {
  if (/^\d+(\.\d+){3}$/.test(name)) return `${name.split('.').reverse().join('.')}.in-addr.arpa`;
  if (isOfDomain(name) || addressIn(name) !== undefined) return name;
  return [`${name}.${context.grid}.${DOMAIN}`.toLowerCase(), `${name}.${DOMAIN}`].find((full) => meaning(full, context).isKnown) ?? name;
}
