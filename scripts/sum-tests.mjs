// Adds up what jest wrote with --json and prints one line. Exit code 1 when a test failed, or a run left no result, or nothing ran.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const RUNS = ['unit', 'simulation', 'e2e'];
const directory = process.argv[2];
const results = RUNS.map((run) => join(directory, `${run}.json`)).map((file) => (existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : undefined));
const sum = (count) => results.reduce((total, result) => total + (result === undefined ? 0 : count(result)), 0);

const passed = sum((result) => result.numPassedTests);
// A suite that could not even be loaded counts as one failed test, as does a run without a result.
const failed = sum((result) => result.numFailedTests + result.numRuntimeErrorTestSuites) + results.filter((result) => result === undefined).length;
console.log(`tests: ${passed} passed, ${failed} failed`);
process.exit(failed > 0 || passed === 0 ? 1 : 0);
