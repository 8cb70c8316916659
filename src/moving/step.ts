import { type Entry, hasStopped, serviceOfSlot, slotNumber, type TransferBody } from '../model/index.js';
import type { View } from '../ports/index.js';

/** What is to be done next about the data of a slot. */
export type Step =
  | { readonly do: 'nothing' }
  /** To look at both nodes, before anything is written. */
  | { readonly do: 'prepare'; readonly move: Entry<'Move'>; readonly before: TransferBody | undefined }
  | { readonly do: 'copy'; readonly transfer: TransferBody }
  /** To remove what was copied by half, as it was called off. */
  | { readonly do: 'withdraw'; readonly transfer: TransferBody }
  /** To remove what is where the data was before. */
  | { readonly do: 'release'; readonly transfer: TransferBody };

const NOTHING: Step = { do: 'nothing' };

/** Decides by the records alone, so that a master that ends between any two steps goes on where it was. */
export function stepOf(slot: string, view: View): Step {
  const move = view.get('Move', slot);
  const transfer = view.get('Transfer', slot)?.body;
  if (transfer?.phase === 'copied') return view.get('Binding', slot)?.body.node === transfer.to ? { do: 'release', transfer } : NOTHING; // whatever was asked since
  if (transfer?.phase === 'copying') return { do: transfer.move === move?.revision ? 'copy' : 'withdraw', transfer };
  return move === undefined ? unasked(transfer) : asked(slot, move, transfer, view);
}

const unasked = (transfer: TransferBody | undefined): Step => (transfer?.phase === 'waiting' ? { do: 'withdraw', transfer } : NOTHING);

function asked(slot: string, move: Entry<'Move'>, before: TransferBody | undefined, view: View): Step {
  const isOver = before?.move === move.revision && before.phase !== 'waiting';
  return isOver || !hasLeft(slot, view) ? NOTHING : { do: 'prepare', move, before };
}

/** Nothing of it runs any more, as its agents say. */
const hasLeft = (slot: string, view: View): boolean =>
  view.instancesOf(serviceOfSlot(slot)).every(({ name, body }) => body.slot !== slotNumber(slot) || hasStopped(body, view.get('Report', name)?.body));
