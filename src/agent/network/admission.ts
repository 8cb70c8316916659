import { createHash } from 'node:crypto';
import { type Endpoint, parseInstance, type Restricted } from '../../model/index.js';
import type { Firewall, FirewallPolicy } from '../../ports/index.js';

/** What the packet filter needs to know of the stacks here that not all may reach: the addresses behind the names. */
export function policiesOf(restricted: readonly Restricted[], endpoints: readonly Pick<Endpoint, 'instance' | 'address' | 'node'>[], node: string): readonly FirewallPolicy[] {
  const byStack = new Map<string, { readonly all: Set<string>; readonly here: Set<string> }>();
  for (const { instance, address, node: at } of restricted.length === 0 ? [] : endpoints) {
    const stack = parseInstance(instance)?.stack ?? '';
    const found = byStack.get(stack) ?? { all: new Set(), here: new Set() };
    byStack.set(stack, found);
    found.all.add(address);
    if (at === node) found.here.add(address);
  }
  return restricted.map(({ stack, from }) => ({
    stack,
    members: [...(byStack.get(stack)?.here ?? [])].sort(),
    from: [...new Set(from.flatMap((other) => [...(byStack.get(other)?.all ?? [])]))].sort(),
  }));
}

/** The same with its version: a hash of all that it says. */
export const versioned = (firewall: Omit<Firewall, 'version'>): Firewall => ({
  ...firewall,
  version: createHash('sha256').update(JSON.stringify(firewall)).digest('hex').slice(0, 16),
});
