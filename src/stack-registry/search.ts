import { fullName } from './names.js';
import type { Listed, StackRegistry } from './registry.js';

/** Questions that are under way at the same time: a registry of hundreds of stacks answers within seconds, and is not flooded. */
const AT_ONCE = 8;

/** The stacks whose name or description holds a text, whatever its case, in order of name. @throws KontenaError as the registry does */
export async function searchStacks(registry: StackRegistry, text: string): Promise<readonly Listed[]> {
  const names = await registry.names();
  const found: (Listed | undefined)[] = [];
  const indexes = names.keys();
  const work = async (): Promise<void> => {
    for (const index of indexes) found[index] = await registry.summary(names[index] as (typeof names)[number]);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  const wanted = text.toLowerCase();
  return found.filter((listed) => listed !== undefined).filter(({ name, description }) => `${fullName(name)}\n${description}`.toLowerCase().includes(wanted));
}
