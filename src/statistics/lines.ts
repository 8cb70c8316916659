import type { Mean } from './level.js';

type Line = readonly [name: string, stretch: number, count: number, cpus: number, ...bytes: readonly number[]];

/** As it stands on disk: `["default/todo/web.2",2945123,60,0.0123,52428800,1234,5678,0,0]`. */
export function lineOf(name: string, { stretch, count, sample: [cpus = 0, ...bytes] }: Mean): string {
  const line: Line = [name, stretch, count, Math.round(cpus * 10_000) / 10_000, ...bytes.map(Math.round)];
  return JSON.stringify(line);
}

export function meanIn(line: string): { readonly name: string; readonly mean: Mean } {
  const [name, stretch, count, ...sample] = JSON.parse(line) as Line;
  return { name, mean: { stretch, count, sample } };
}
