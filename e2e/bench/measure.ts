/** One number of the bench. `bound` is what it must not exceed, or must reach, and of what. */
export interface Measurement {
  readonly group: string;
  readonly what: string;
  readonly value: number;
  readonly unit: string;
  readonly bound?: { readonly sort: 'at most' | 'at least'; readonly value: number };
  /** Why there is no number: the part of the bench failed, and the others went on. */
  readonly failure?: string;
}

/** The one line of a part that failed. */
export const failed = (group: string, error: unknown): Measurement => ({
  group, what: 'failed', value: Number.NaN, unit: '', failure: (error instanceof Error ? error.message : String(error)).split('\n', 1)[0] ?? '',
});

export const median = (values: readonly number[]): number => quantile(values, 0.5);

/** By the nearest rank. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN;
}

/** How long `work` takes, in seconds. */
export async function seconds(work: () => Promise<unknown>): Promise<number> {
  const begun = performance.now();
  await work();
  return (performance.now() - begun) / 1000;
}

export const isWithin = ({ value, bound, failure }: Measurement): boolean =>
  failure === undefined && (bound === undefined || (bound.sort === 'at most' ? value <= bound.value : value >= bound.value));

const round = (value: number): string => (Math.abs(value) >= 100 ? value.toFixed(0) : value.toFixed(Math.abs(value) >= 10 ? 1 : 2));

const measured = (each: Measurement): readonly string[] => [
  each.group, each.what, `${round(each.value)} ${each.unit}`,
  each.bound === undefined ? '' : `${each.bound.sort} ${round(each.bound.value)}`, each.bound === undefined ? '' : isWithin(each) ? 'ok' : 'MISSED',
];

/** The measurements as a table, one line each. */
export function table(measurements: readonly Measurement[]): string {
  const rows = measurements.map((each) => (each.failure === undefined ? measured(each) : [each.group, each.failure, '', '', 'FAILED']));
  const head = ['GROUP', 'WHAT', 'MEASURED', 'MUST BE', ''];
  const widths = head.map((title, column) => Math.max(title.length, ...rows.map((row) => row[column]!.length)));
  return [head, ...rows].map((row) => row.map((cell, column) => cell.padEnd(widths[column]!)).join('  ').trimEnd()).join('\n');
}
