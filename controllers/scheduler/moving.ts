import { onItsWay, slotName } from '../../src/model/index.js';
import type { View } from '../../src/ports/index.js';

/** Why nothing may run in a slot while its data is on its way to another node; undefined when it lies still. */
export function movingReason(service: string, slot: number, view: View): string | undefined {
  const name = slotName(service, slot);
  const way = onItsWay({ move: view.get('Move', name), transfer: view.get('Transfer', name)?.body, binding: view.get('Binding', name)?.body });
  return way && `its data moves from ${way.from} to ${way.to}`;
}
