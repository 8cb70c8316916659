export { StatisticsKeeper } from './statistics-keeper.js';
