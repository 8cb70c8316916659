export { AnswersKeeper } from './answers-keeper.js';
