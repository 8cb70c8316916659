import type { RegistryLogin } from '../../model/index.js';
import type { Actions } from './actions.js';
import type { Kept } from './vault.js';

/** A registry that images come from, and how it is asked for them. */
export interface RegistryWrite extends RegistryLogin {
  /** With its port, where it has one of its own; an address of it will do. */
  readonly host: string;
}

export interface RegistryCalls {
  /** From now on nodes ask it so. The same again changes nothing. @throws KON_INVALID */
  write(grid: string, registry: RegistryWrite): Promise<Kept>;
}

export const REGISTRY_ACTIONS: Actions<RegistryCalls> = {
  write: { action: 'registry.write', isChange: true, on: (grid, { host }) => ({ grid, kind: 'registry', name: host }), detail: (_grid, { user }) => `as ${user}` },
};
