import type { GridChange } from '../ports/index.js';
import { Flags } from './oclif.js';

/** What people decide about a grid. */
export const gridChangeFlags = {
  statsd: Flags.string({ helpValue: '<host:port>', exclusive: ['no-statsd'], summary: 'Where its nodes send their statistics, and those of their instances, as gauges of statsd over UDP; port 8125 where none is named.' }),
  'no-statsd': Flags.boolean({ default: false, summary: 'Send them nowhere.' }),
};

/** What of it is to be other than it was. */
export const gridChangeOf = ({ statsd, 'no-statsd': isNone }: { readonly statsd: string | undefined; readonly 'no-statsd'?: boolean }): GridChange =>
  isNone === true ? { statsd: '' } : statsd === undefined ? {} : { statsd };
