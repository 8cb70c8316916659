import { opened, serviceName, type VaultItem } from '../model/index.js';
import type { View } from '../ports/index.js';

/** Declared services that open it: `todo/web`. */
export function usersOf({ kind, name }: VaultItem, view: View): readonly string[] {
  return view.list('Stack').flatMap((stack) =>
    Object.entries(stack.body.spec.services)
      .filter(([, spec]) => opened(spec).some((use) => use.kind === kind && use.name === name))
      .map(([service]) => serviceName(stack.name, service)),
  );
}
