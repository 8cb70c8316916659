/** What the kernel counts of this machine and its containers, read from its own files; and texts sent over UDP. */
export { udpDatagrams } from './datagrams.js';
export { linuxCounts } from './linux-counts.js';
