import type { Entry } from './entry.js';
import type { TransferBody } from './moving.js';
import type { BindingBody } from './records.js';

interface Moving {
  readonly move: Entry<'Move'> | undefined;
  readonly transfer: TransferBody | undefined;
  readonly binding: BindingBody | undefined;
}

/** From where to where the data of a slot is on its way, so that nothing may run in it; undefined when it lies still. */
export function onItsWay({ move, transfer, binding }: Moving): { readonly from: string; readonly to: string } | undefined {
  if (transfer?.phase === 'copied') return binding?.node === transfer.to ? undefined : transfer;
  if (move === undefined || binding === undefined) return undefined;
  return isOver(move, transfer) ? undefined : move.body;
}

const isOver = ({ revision }: Entry<'Move'>, transfer: TransferBody | undefined): boolean =>
  transfer?.move === revision && (transfer.phase === 'done' || transfer.phase === 'failed');
