/** What `describe` tells: first what one came for, then all there is to know. */
export { checksOf } from './checks.js';
export { declaredOf } from './declared.js';
export { summaryOf, type Described } from './summary.js';
