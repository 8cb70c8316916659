import { opened, serviceName, type VaultItem } from '../model/index.js';
import type { View } from '../ports/index.js';

/** Services because of which it is opened: those that are declared to, and those that have it by `tls: auto`; `todo/web`. */
export function usersOf({ kind, name }: VaultItem, view: View): readonly string[] {
  const declared = view.list('Stack').flatMap((stack) =>
    Object.entries(stack.body.spec.services)
      .filter(([, spec]) => opened(spec).some((use) => use.kind === kind && use.name === name))
      .map(([service]) => serviceName(stack.name, service)),
  );
  const served = kind === 'Certificate' ? view.list('Route').flatMap(({ body }) => (body.asks?.hosts.includes(name) === true ? [body.service] : [])) : [];
  return [...new Set([...declared, ...served])];
}
