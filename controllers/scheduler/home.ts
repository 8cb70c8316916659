import { type BindingBody, type Entry, slotName, type ServiceSpec } from '../../src/model/index.js';
import type { View } from '../../src/ports/index.js';

/** Where the data of a slot lies; undefined when it has none. */
export const bindingOf = (service: string, slot: number, view: View): BindingBody | undefined => view.get('Binding', slotName(service, slot))?.body;

/** A slot, what it is to run, and its last instance. */
export interface Returning {
  readonly service: string;
  readonly slot: number;
  readonly spec: ServiceSpec;
  readonly before: Entry<'Instance'> | undefined;
  /** That kept data. */
  readonly wasStateful: boolean;
}

/** The only node where a slot may run, as its data is there; undefined when any will do. */
export function homeOf({ service, slot, spec, before, wasStateful }: Returning, view: View): string | undefined {
  if (!spec.stateful) return undefined;
  return bindingOf(service, slot, view)?.node ?? (wasStateful ? before?.body.node : undefined);
}
