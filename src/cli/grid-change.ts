import type { GridChange } from '../ports/index.js';
import { Flags } from './oclif.js';

const STATSD = { helpValue: '<host:port>', summary: 'Where its nodes send their statistics, and those of their instances, as gauges of statsd over UDP; port 8125 where none is named.' };
const AFFINITY = { multiple: true, multipleNonGreedy: true, helpValue: '<rule>', summary: 'Where instances of services that declare no affinity may run, as in a stack file: label==ssd, node!=n1; several times for several rules.' } as const;

/** What people decide about a grid from its start on. */
export const gridFlags = { statsd: Flags.string(STATSD), 'default-affinity': Flags.string(AFFINITY) };

/** What they decide later; what is not named stays as it is. */
export const gridChangeFlags = {
  statsd: Flags.string({ ...STATSD, exclusive: ['no-statsd'] }),
  'no-statsd': Flags.boolean({ default: false, summary: 'Send them nowhere.' }),
  'default-affinity': Flags.string({ ...AFFINITY, exclusive: ['no-default-affinity'] }),
  'no-default-affinity': Flags.boolean({ default: false, summary: 'Let them run anywhere.' }),
};

interface Given {
  readonly statsd: string | undefined;
  readonly 'no-statsd'?: boolean;
  readonly 'default-affinity': readonly string[] | undefined;
  readonly 'no-default-affinity'?: boolean;
}

/** What of it is to be other than it was. */
export function gridChangeOf(flags: Given): GridChange {
  const statsd = flags['no-statsd'] === true ? '' : flags.statsd;
  const defaultAffinity = flags['no-default-affinity'] === true ? [] : flags['default-affinity'];
  return { ...(statsd === undefined ? {} : { statsd }), ...(defaultAffinity === undefined ? {} : { defaultAffinity }) };
}
