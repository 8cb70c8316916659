import { parseInstance, slotOf } from './names.js';

/** Where a line comes from: what a container wrote, what a hook of its instance wrote, or what kept it from starting. */
export const LOG_STREAMS = ['stdout', 'stderr', 'hook', 'start'] as const;
export type LogStream = (typeof LOG_STREAMS)[number];

/** One line of a log. */
export interface LogLine {
  /** `todo/web.2@57`; of the platform's own log `node/n1`, or `master`. */
  readonly instance: string;
  readonly stream: LogStream;
  /** ISO 8601, as the engine stamped it, with nanoseconds. */
  readonly at: string;
  readonly line: string;
  /** Which start of its container it is of, from 1. */
  readonly run?: number;
}

/** Lines in the order of time. */
export interface LogBatch {
  readonly lines: readonly LogLine[];
  /** What was written before is all there: what follows is written from now on. */
  readonly isCaughtUp: boolean;
}

/** Whose log is meant: an instance, all rounds of a slot, all slots of a service or a stack, or the agent of a node itself. */
export interface LogSubject {
  readonly kind: 'instance' | 'slot' | 'service' | 'stack' | 'agent';
  /** Of an agent: nothing. */
  readonly name: string;
}

/** What of a log is looked for. */
export interface LogSearch {
  readonly follow: boolean;
  /** The last so many lines of each slot; all when absent. */
  readonly tail?: number;
  /** ISO 8601. */
  readonly since?: string;
  /** Lines that this regular expression (RE2) matches somewhere. */
  readonly grep?: string;
  /** Of each slot, what its run before the newest one wrote. */
  readonly isPrevious?: boolean;
}

/** A longer line is cut, in bytes. */
export const LOG_LINE_BYTES = 64 * 1024;

/** Whether the log of a slot is of what is meant. */
export function isOfSubject(slot: string, { kind, name }: LogSubject): boolean {
  switch (kind) {
    case 'instance':
      return parseInstance(name) !== undefined && slotOf(name) === slot;
    case 'slot':
      return slot === name;
    case 'service':
      return slot.slice(0, slot.lastIndexOf('.')) === name;
    case 'stack':
      return slot.slice(0, slot.indexOf('/')) === name;
    case 'agent':
      return false;
  }
}

/** A moment with nanoseconds, so that texts of moments stand in the order of time. */
export const fullMoment = (at: string): string => {
  const [, whole = at, fraction = ''] = /^(.{19})(?:\.(\d{1,9}))?Z$/.exec(at) ?? [];
  return whole === at ? at : `${whole}.${fraction.padEnd(9, '0')}Z`;
};
