import type { Dependency } from '../../stackfile/index.js';

/** A stack and those it depends on, each with where it comes from. */
export const treeLines = (name: string, source: string, dependencies: readonly Dependency[]): readonly string[] =>
  [`${name}  ${source}`, ...branches(name, dependencies)];

function branches(parent: string, dependencies: readonly Dependency[]): readonly string[] {
  return dependencies.flatMap(({ name, source, depends }, index) => {
    const isLast = index === dependencies.length - 1;
    const full = `${parent}-${name}`;
    return [`${isLast ? '└─' : '├─'} ${full}  ${source}`, ...branches(full, depends).map((line) => `${isLast ? '  ' : '│ '} ${line}`)];
  });
}
