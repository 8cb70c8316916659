import type { Output } from '../output.js';
import type { Subject } from './subject.js';

/** Says what was seen of an instance's container to whoever keeps what it writes. */
export function tellOutput(output: Output, { name, container }: Subject): void {
  if (container === undefined) output.gone(name);
  else output.found(container);
}
