import { Flags } from './oclif.js';

/** Which volume of which slot is meant. */
export const volumeArgument = { required: true, description: 'Volume: as declared, with the number of the slot where each instance has its own (data, data.2); a slot that has but one (todo/db.2); or as the engines call it.' } as const;

export const nodeOfVolume = Flags.string({ helpValue: '<node>', summary: 'Of a volume that several nodes have, the one of this node.' });
