/** The programs of Kontena as processes of this machine: in the foreground, in the background, under systemd. */
export { DEV_CONTEXT, DevCluster, devFolder } from './dev.js';
export { DEV_COLUMNS } from './dev-columns.js';
export { localEngine } from './engine.js';
export { resetNode } from './reset.js';
export { agentArguments, agentFlags, masterArguments, masterFlags, registryFileArguments, registryFileFlags } from './settings.js';
export { installUnit } from './systemd.js';
