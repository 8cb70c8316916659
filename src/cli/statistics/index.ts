/** What nodes and instances use, as people see it: tables, small charts, and either of them live. */
export { chartsOf } from './charts.js';
export { live } from './live.js';
export { askedFor, askStatistics, type Told } from './ask.js';
export { BY, type Order, remarksOf, sorted, tableOf } from './tables.js';
