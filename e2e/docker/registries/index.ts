/** Registries of stacks by the programs that people run them with, on this machine. */
export { certificateIn } from './certificate.js';
export { logIn, startDockerRegistry, USER, type RunningRegistry } from './docker-registry.js';
export { serveGitOverHttps, type GitServer } from './git-over-https.js';
export { startSshd, type Sshd } from './sshd.js';
export { startTokenServer, type TokenServer } from './token-server.js';
