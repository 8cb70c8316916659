/** The one place that prints: tables, JSON, YAML, names, progress, differences and problems. */
export { bytesText } from './bytes.js';
export { condensed, sparkline } from './chart.js';
export { coloursFor, type Colours } from './colour.js';
export { ageOf, lengthOf, valueAt } from './columns.js';
export { renderDifferences } from './difference.js';
export { escaped } from './escaped.js';
export { renderMistakes } from './mistakes.js';
export { renderProblem } from './problem.js';
export { ProgressPrinter, renderFailure, type Failure } from './progress.js';
export { FORMATS, renderData, renderList, renderRecord, renderTableRows, type Format } from './records.js';
export { renderTable, type Column } from './table.js';
