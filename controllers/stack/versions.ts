import { type Entry, itemInWords, type ServiceSpec, type VaultItem, vaultUses, withVersions } from '../../src/model/index.js';
import type { View } from '../../src/ports/index.js';

/** A service with the newest version of everything it opens. */
export const opening = (spec: ServiceSpec, view: View): ServiceSpec => withVersions(spec, (item) => itemOf(item, view)?.body.version);

/** The newest revision of anything a service opens; 0 when it opens nothing. */
export const newestOpened = (spec: ServiceSpec, view: View): number => Math.max(0, ...vaultUses(spec).map((use) => itemOf(use, view)?.revision ?? 0));

/** What another version is opened of, in words; undefined when all are the same. */
export function reopened(before: ServiceSpec, after: ServiceSpec): string | undefined {
  const known = new Map(vaultUses(before).map((use) => [itemInWords(use), use.version]));
  const changed = vaultUses(after).find((use) => known.has(itemInWords(use)) && known.get(itemInWords(use)) !== use.version);
  return changed === undefined ? undefined : itemInWords(changed);
}

const itemOf = ({ kind, name }: VaultItem, view: View): Entry<VaultItem['kind']> | undefined => view.get(kind, name);
