import { memberOfGroup } from '../model/index.js';
import { Flags } from './oclif.js';
import { UsageError } from './usage-error.js';

export const groupFlag = Flags.string({ helpValue: '<name>', summary: 'In place of a name: all whom their provider counts to this group.' });

/** A user or a credential by name, or a group. @throws UsageError for neither, or both */
export function memberMeant(name: string | undefined, group: string | undefined): string {
  if ((name === undefined) === (group === undefined)) throw new UsageError('whose role? Write a name, or --group with that of a group');
  return group === undefined ? (name ?? '') : memberOfGroup(group);
}
