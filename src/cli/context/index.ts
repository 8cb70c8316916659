/** Contexts: which master, which grid, which credential. cosmiconfig lives here. */
export { addContext, readContexts, readProject, removeContext, setGrid, writeContexts, type Context } from './file.js';
export { isDue, renewWhereItLies, requireNoFile, writeCredential } from './keep.js';
export { isTokenServer, trustTokenServer } from './token-servers.js';
export { chooseContext, readCredential, type Chosen, type Credential, type RobotToken } from './resolve.js';
