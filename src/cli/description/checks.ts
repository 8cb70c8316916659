import { type CheckAnswer, KontenaError } from '../../model/index.js';
import type { Control } from '../../ports/index.js';
import { type Column, lengthOf, renderTable } from '../output/index.js';

const COLUMNS: readonly Column<CheckAnswer>[] = [
  { title: 'AGO', cell: ({ agoMs }) => lengthOf(agoMs), isKey: true },
  { title: 'CHECK', cell: ({ of }) => (of === 'port' ? 'wait_for_port' : 'health_check') },
  { title: 'RESULT', cell: ({ isGood }) => (isGood ? 'good' : 'bad') },
  { title: 'TOOK', cell: ({ tookMs }) => `${String(tookMs)} ms` },
  { title: 'ANSWER', cell: ({ said }) => said },
];

/** What an instance last answered to its checks, newest first; nothing where nobody checks it. */
export async function checksOf(control: Control, grid: string, instance: string, limit: number | undefined): Promise<readonly string[]> {
  try {
    const { answers } = await control.instances.checks(grid, instance, new AbortController().signal);
    return answers.length === 0 ? [] : ['last checks:', ...renderTable(COLUMNS, answers.toReversed(), limit).map((line) => `  ${line}`)];
  } catch (error) {
    if (!(error instanceof KontenaError)) throw error;
    return error.code === 'KON_CONTAINER_MISSING' ? [] : [`last checks: not known, as ${error.message}`];
  }
}
