import type { Column } from '../output/index.js';
import type { DevProcess } from './dev.js';

/** How the processes of a development cluster are shown. */
export const DEV_COLUMNS: readonly Column<DevProcess>[] = [
  { title: 'NAME', cell: ({ name }) => name, isKey: true },
  { title: 'STATE', cell: ({ pid, phase }) => (pid === undefined ? 'stopped' : (phase ?? 'running')) },
  { title: 'PID', cell: ({ pid }) => (pid === undefined ? '-' : String(pid)) },
  { title: 'ENGINE', cell: ({ docker }) => docker ?? '-' },
  { title: 'LOG', cell: ({ log }) => log },
];
