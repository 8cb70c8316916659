import { type BindingBody, serviceOfSlot, slotNumber } from '../../model/index.js';
import type { View } from '../../ports/index.js';
import { currentRevision } from './current-revision.js';
import { moveInWords } from './move.js';
import { nodePhase } from './node.js';

/** Where the data of a slot lies, and what it means when its node is lost. */
export interface DataPlace {
  readonly node: string;
  /** Of the node; `removed` when it is no more. */
  readonly phase: string;
  readonly volumes: readonly string[];
  readonly meaning: string;
  /** What goes on with it, where it is to lie on another node. */
  readonly move?: string;
}

/** Undefined when the slot has no data of its own. */
export function dataOf(slot: string, view: View): DataPlace | undefined {
  const binding = view.get('Binding', slot)?.body;
  return binding === undefined ? undefined : dataPlace(slot, binding, view);
}

/** The same of a slot whose record is at hand. */
export function dataPlace(slot: string, { node, volumes }: BindingBody, view: View): DataPlace {
  const phase = view.get('Node', node) === undefined ? 'removed' : nodePhase(node, view);
  const service = serviceOfSlot(slot);
  const isKept = currentRevision(service, view)?.entry.body.spec.stateful ?? true;
  // What has no volume, or one of the engine's own, is on the node's disk.
  const isOnDisk = volumes.length === 0 || volumes.some((name) => (view.get('Volume', name)?.body.driver ?? 'local') === 'local');
  const about = { slot, node, phase, service };
  const move = moveInWords(slot, view);
  return { node, phase, volumes, ...(move === undefined ? {} : { move }), meaning: isKept ? whenKept(about, isOnDisk) : whenNot(about, isOnDisk) };
}

interface About {
  readonly slot: string;
  readonly node: string;
  readonly phase: string;
  readonly service: string;
}

/** Of a stateful service, which runs nowhere without its data. */
function whenKept({ slot, node, phase, service }: About, isOnDisk: boolean): string {
  const loss = isOnDisk ? ', and the data with it' : '';
  if (phase === 'removed') return `${node} was removed${loss}: ${slot} waits until ${service} is scaled to fewer than ${slotNumber(slot)} and back, which ${isOnDisk ? 'starts it empty' : 'starts it elsewhere'}`;
  const after = isOnDisk ? `if the machine is lost for good, so is the data` : 'what the driver keeps is not lost with the machine';
  if (phase === 'offline') return `${node} is offline: ${slot} waits for it and runs nowhere else; ${after}, and \`kontenactl node remove ${node}\` says so`;
  return isOnDisk ? `it lies on ${node} alone: while ${node} is away ${slot} waits, and if ${node} is lost the data is lost with it` : `${slot} has it on ${node}; ${after}`;
}

/** Of any other, which runs elsewhere too, where its volumes are empty. */
function whenNot({ slot, node, phase }: About, isOnDisk: boolean): string {
  if (!isOnDisk) return `${slot} has it on ${node}; what the driver keeps is not lost with the machine`;
  if (phase === 'removed') return `${node} was removed, and the data with it: elsewhere ${slot} starts with empty volumes`;
  return `it lies on ${node} alone: elsewhere ${slot} starts with empty volumes`;
}
