import { KontenaError } from '../model/index.js';
import type { Control, Resource, ResourceKind } from '../ports/index.js';
import type { Cluster } from './variables/outside.js';

/** What variables of a stack file may ask of a grid. The master is asked only when one does. */
export function clusterOf(open: () => Promise<{ readonly control: Control; readonly grid: string }>): Cluster {
  const all = async (kind: ResourceKind): Promise<readonly Resource[]> => {
    const { control, grid } = await open();
    const found: Resource[] = [];
    for await (const resource of control.resources.list({ grid, kind })) found.push(resource);
    return found;
  };
  const names = async (kind: ResourceKind): Promise<readonly string[]> => (await all(kind)).map(({ name }) => name);
  return {
    services: async () => (await all('service')).map(({ name, spec }) => ({ name, image: typeof spec.image === 'string' ? spec.image : '' })),
    instances: async (stack, service) => {
      const found = (await all('service')).find(({ name }) => name === `${stack}/${service}`);
      return typeof found?.spec.instances === 'number' ? found.spec.instances : undefined;
    },
    secret: async (name) => {
      const { control, grid } = await open();
      try {
        return await control.vault.readSecret(grid, name);
      } catch (error) {
        if (error instanceof KontenaError && error.code === 'KON_NOT_FOUND') return undefined;
        throw error;
      }
    },
    secretNames: () => names('secret'),
    certificates: () => names('certificate'),
  };
}
