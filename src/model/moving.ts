/** Name: the slot's, `todo/db.1`. Its data is to lie on another node. Withdrawn, what is under way is called off. */
export interface MoveBody {
  readonly from: string;
  readonly to: string;
  /** How often the data of this slot was to be moved, this time included. */
  readonly times: number;
}

/** `copied` is where there is no way back: what was read back on the other node is the same, and it is the slot's from then on. */
export const TRANSFER_PHASES = ['waiting', 'copying', 'copied', 'done', 'failed'] as const;
export type TransferPhase = (typeof TRANSFER_PHASES)[number];

/** The same as people are told of it, who see also what comes before and beside it. */
export const MOVE_PHASES = ['stopping', ...TRANSFER_PHASES, 'called-off'] as const;
export type MovePhase = (typeof MOVE_PHASES)[number];

/** Name: the slot's. How far the newest move of its data is. */
export interface TransferBody {
  /** Revision of the Move that it carries out. */
  readonly move: number;
  readonly from: string;
  readonly to: string;
  readonly phase: TransferPhase;
  /** As the engines call them; on the other node they are there for this alone until it is copied. */
  readonly volumes: readonly string[];
  /** What the volumes hold, once it is known. */
  readonly bytes?: number;
  /** What it waits for, why it failed, or what is left where it was. */
  readonly reason?: string;
}
