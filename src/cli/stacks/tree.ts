import type { StackSpec } from '../../model/index.js';
import type { Dependency } from '../../stackfile/index.js';

/**
 * A stack and those it depends on, each with where it comes from, and its version where that does not say it.
 *
 * @param stacks all of them, as they were read
 */
export function treeLines(root: string, source: string, dependencies: readonly Dependency[], stacks: readonly Pick<StackSpec, 'name' | 'version'>[]): readonly string[] {
  const versions = new Map(stacks.map(({ name, version }) => [name, version]));
  const line = (name: string, from: string): string => {
    const version = versions.get(name);
    return version === undefined || from.endsWith(`:${version}`) ? `${name}  ${from}` : `${name}  ${from}  ${version}`;
  };
  const branches = (parent: string, below: readonly Dependency[]): readonly string[] =>
    below.flatMap(({ name, source: from, depends }, index) => {
      const isLast = index === below.length - 1;
      const full = `${parent}-${name}`;
      return [`${isLast ? '└─' : '├─'} ${line(full, from)}`, ...branches(full, depends).map((text) => `${isLast ? '  ' : '│ '} ${text}`)];
    });
  return [line(root, source), ...branches(root, dependencies)];
}
