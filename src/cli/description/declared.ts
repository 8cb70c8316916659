import type { ServiceSpec, StackSpec } from '../../model/index.js';
import type { Resource } from '../../ports/index.js';

type Table = Readonly<Record<string, unknown>>;

/** What was declared; of stacks and services in the words of the stack file. */
export async function declaredOf({ kind, name, spec }: Resource): Promise<Table> {
  const { writtenService } = await import('../../stackfile/index.js');
  if (kind === 'Service') return writtenService(spec as unknown as ServiceSpec, name.slice(0, name.indexOf('/')));
  if (kind !== 'Stack') return spec;
  const { services, stack, version, expose, allow, networks, labels, volumes, variables, parent, metadata } = spec as unknown as StackSpec;
  return present({
    stack: stack ?? name, version, expose, allow, networks, labels, meta: metadata, parent,
    variables,
    services: Object.fromEntries(Object.entries(services).map(([service, declared]) => [service, writtenService(declared, name)])),
    volumes,
  });
}

/** What says something. */
const present = (table: Table): Table => Object.fromEntries(Object.entries(table).filter(([, value]) => value !== undefined && !isEmpty(value)));

const isEmpty = (value: unknown): boolean => typeof value === 'object' && value !== null && Object.keys(value).length === 0;
