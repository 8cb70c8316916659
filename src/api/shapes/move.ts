import { onItsWay } from '../../model/index.js';
import type { MoveState, View } from '../../ports/index.js';

/** How far the newest move of a slot's data is; undefined when there was none, or it was called off. */
export function moveState(slot: string, view: View): MoveState | undefined {
  const move = view.get('Move', slot);
  const transfer = view.get('Transfer', slot)?.body;
  if (transfer !== undefined && (transfer.phase === 'copied' || transfer.move === move?.revision)) {
    const { phase, from, to, reason, bytes } = transfer;
    return { slot, from, to, phase, ...(reason === undefined ? {} : { reason }), ...(bytes === undefined ? {} : { bytes }) };
  }
  return move === undefined ? undefined : { slot, from: move.body.from, to: move.body.to, phase: 'stopping' };
}

/** What goes on with it, in words; undefined while it lies still. */
export function moveInWords(slot: string, view: View): string | undefined {
  const state = moveState(slot, view);
  const way = onItsWay({ move: view.get('Move', slot), transfer: view.get('Transfer', slot)?.body, binding: view.get('Binding', slot)?.body });
  if (state === undefined || (way === undefined && state.phase !== 'failed' && state.reason === undefined)) return undefined;
  return `${WORDS[state.phase]} (from ${state.from} to ${state.to})${state.reason === undefined ? '' : `: ${state.reason}`}`;
}

const WORDS: Readonly<Record<MoveState['phase'], string>> = {
  stopping: `it is to move, and ends what runs first`,
  waiting: 'it is to move, and waits',
  copying: 'it is being copied',
  copied: 'it was copied, and both nodes hold the same',
  done: 'it has moved',
  failed: 'it could not be moved, and lies where it was',
  'called-off': 'it is not to move any more',
};
