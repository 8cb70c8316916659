import type { Resource } from '../../ports/index.js';
import type { Value } from '../../stackfile/index.js';

type Values = Readonly<Record<string, Value>>;

/** The stacks that were installed with others, and with those: the innermost first. */
function descendantsOf(names: ReadonlySet<string>, all: readonly Resource[]): readonly Resource[] {
  const children = all.filter(({ name, spec }) => !names.has(name) && typeof spec.parent === 'string' && names.has(spec.parent));
  return children.length === 0 ? [] : [...descendantsOf(new Set([...names, ...children.map(({ name }) => name)]), all), ...children];
}

/** Names of stacks, and of those that were installed with them, in the order in which they can be removed. */
export const withDescendants = (names: readonly string[], all: readonly Resource[]): readonly string[] => {
  const wanted = new Set(names);
  const known = [...descendantsOf(wanted, all), ...all.filter(({ name }) => wanted.has(name))];
  return [...names.filter((name) => all.every((stack) => stack.name !== name)), ...removalOrder(known)];
};

/**
 * Stacks that were installed with some of those that are declared now, and that these depend on no longer, in the order
 * in which they can be removed.
 *
 * @param declared names of all stacks that are declared together
 */
export const noLongerWanted = (declared: ReadonlySet<string>, all: readonly Resource[]): readonly string[] =>
  removalOrder(descendantsOf(declared, all));

/** The names of stacks, each after those that link to it: a stack that is linked to is not removed. */
export function removalOrder(stacks: readonly Resource[]): readonly string[] {
  const free = stacks.find((stack) => stacks.every((other) => other === stack || !linksTo(other, stack.name))) ?? stacks[0];
  return free === undefined ? [] : [free.name, ...removalOrder(stacks.filter((stack) => stack !== free))];
}

const linksTo = ({ spec }: Resource, stack: string): boolean => {
  const services = Object.values((spec.services ?? {}) as Readonly<Record<string, { readonly links?: readonly { readonly service: string }[] }>>);
  return services.some(({ links = [] }) => links.some(({ service }) => service.startsWith(`${stack}/`)));
};

/** The values of the variables of a stack, and as `child.name` those of the stacks that were installed with it. */
export function valuesWithChildren(all: readonly Resource[], name: string): Values {
  const own = (all.find((stack) => stack.name === name)?.spec.variables ?? {}) as Values;
  const children = all.filter(({ spec }) => spec.parent === name).flatMap((child) => {
    const prefix = child.name.slice(name.length + 1);
    return Object.entries(valuesWithChildren(all, child.name)).map(([key, value]) => [`${prefix}.${key}`, value] as const);
  });
  return { ...own, ...Object.fromEntries(children) };
}
