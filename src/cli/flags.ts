import { Flags } from './oclif.js';
import { FORMATS } from './output/index.js';
import { UsageError } from './usage-error.js';

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** `90s`, `5m`, `1h30m`, or seconds as a bare number. In milliseconds. @throws UsageError */
function parseDuration(text: string): number {
  if (/^\d+$/.test(text)) return Number(text) * 1000;
  const parts = [...text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h|d)/g)];
  if (parts.length === 0 || parts.map(([part]) => part).join('') !== text) {
    throw new UsageError(`"${text}" is not a length of time: write it like 90s, 5m or 1h30m`);
  }
  return parts.reduce((sum, [, amount, unit]) => sum + Number(amount) * (UNITS[unit ?? ''] ?? 0), 0);
}

/** A flag whose value is a length of time, in milliseconds. */
export const durationFlag = Flags.custom<number>({ helpValue: '<time>', parse: (text) => Promise.resolve(parseDuration(text)) });

/** `2026-01-31T12:00:00Z`, or `10m` for so long before now; in ISO 8601. @throws UsageError */
function parseMoment(text: string, nowMs: number): string {
  const isLength = /^\d+(\.\d+)?(ms|s|m|h|d)/.test(text);
  const moment = isLength ? nowMs - parseDuration(text) : /^\d{4}-\d\d/.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(moment)) throw new UsageError(`"${text}" is no moment: write it like 2026-01-31T12:00:00Z, or how long ago: 10m`);
  return new Date(moment).toISOString();
}

/** A flag whose value is a moment, in ISO 8601. */
export const momentFlag = Flags.custom({ helpValue: '<time>', parse: (text) => Promise.resolve(parseMoment(text, Date.now())) });

/** `name=value`, several times. @throws UsageError */
export function parseAssignments(given: readonly string[] | undefined, flag: string): Readonly<Record<string, string>> {
  return Object.fromEntries((given ?? []).map((text) => {
    const equals = text.indexOf('=');
    if (equals < 1) throw new UsageError(`${flag} ${text}: a name and a value are wanted, like ${flag} tag=1.2`);
    return [text.slice(0, equals), text.slice(equals + 1)];
  }));
}

/** How a list or a record is printed. */
export const outputFlag = Flags.option({ char: 'o', options: FORMATS, default: 'table' as const, helpValue: FORMATS.join('|'), summary: 'How to print it.' });

/** For commands that print a sentence, or the same as data. */
export const jsonFlag = Flags.option({ char: 'o', options: ['text', 'json'] as const, default: 'text' as const, helpValue: 'json', summary: 'Print the outcome as data.' });

export const yesFlag = Flags.boolean({ default: false, char: 'y', summary: 'Do not ask.' });

export const waitFlags = {
  wait: Flags.boolean({ default: true, allowNo: true, summary: 'Wait until everything declared runs.' }),
  timeout: durationFlag({ default: 300_000, defaultHelp: () => Promise.resolve('5m'), summary: 'How long to wait; the work goes on after it.' }),
};
