/** Answers certificate authorities over HTTP. */
export { answerServers } from './answer-server.js';
