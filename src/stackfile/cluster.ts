import type { Control, Resource } from '../ports/index.js';
import type { Cluster } from './variables/outside.js';

/** What variables of a stack file may ask of a grid. The master is asked only when one does. */
export function clusterOf(open: () => Promise<{ readonly control: Control; readonly grid: string }>): Cluster {
  const services = async (): Promise<readonly Resource[]> => {
    const { control, grid } = await open();
    const found: Resource[] = [];
    for await (const service of control.list({ grid, kind: 'service' })) found.push(service);
    return found;
  };
  return {
    services: async () => (await services()).map(({ name, spec }) => ({ name, image: typeof spec.image === 'string' ? spec.image : '' })),
    instances: async (stack, service) => {
      const found = (await services()).find(({ name }) => name === `${stack}/${service}`);
      return typeof found?.spec.instances === 'number' ? found.spec.instances : undefined;
    },
    secret: () => Promise.resolve(undefined),
    secretNames: () => Promise.resolve([]),
    certificates: () => Promise.resolve([]),
  };
}
