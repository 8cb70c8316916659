const UNITS = ['B', 'kB', 'MB', 'GB', 'TB'] as const;

/** `52.4MB`: in steps of a thousand, as engines write it. */
export function bytesText(count: number): string {
  const power = Math.min(UNITS.length - 1, Math.floor(Math.log10(Math.max(1, count)) / 3));
  return `${(count / 1000 ** power).toFixed(power === 0 ? 0 : 1)}${UNITS[power] ?? ''}`;
}
