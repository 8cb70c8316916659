import { writeFileSync } from 'node:fs';
import { benchAgent } from './agent.js';
import { attempt } from './attempt.js';
import { benchAudit } from './audit.js';
import { benchBalancer } from './balancer.js';
import { benchEndpoints } from './endpoints.js';
import { benchEngine } from './engine.js';
import { benchFanOut, benchIdleMaster } from './master.js';
import { failed, isWithin, table, type Measurement } from './measure.js';
import { benchNames } from './names.js';
import { benchOverlay } from './overlay.js';
import { benchServed } from './served.js';
import { benchScheduler } from './scheduler.js';
import { benchStore } from './store.js';
import { benchYear } from './year.js';

const PLACEMENTS_PER_SECOND = 50_000;
const SHARE_OF_SQLITE = 0.4;

async function storeMeasurements(): Promise<readonly Measurement[]> {
  return (await benchStore()).flatMap(({ name, value, unit, baseline, ratio }) => [
    { group: 'store', what: name, value, unit },
    { group: 'store', what: 'the same into SQLite alone', value: baseline, unit },
    { group: 'store', what: 'the first / the second', value: ratio, unit: 'times', bound: { sort: 'at least', value: SHARE_OF_SQLITE } },
  ]);
}

async function schedulerMeasurements(): Promise<readonly Measurement[]> {
  return (await benchScheduler()).map(({ name, value, unit }) => ({
    group: 'scheduler', what: name.replace('scheduler: ', ''), value, unit, ...(unit === 'placements/s' ? { bound: { sort: 'at least', value: PLACEMENTS_PER_SECOND } } : {}),
  }));
}

/** The measurements, in the order in which they are made. Figures are of this machine; ratios and bounds are what counts. */
const BENCHES: Readonly<Record<string, (say: (line: string) => void) => Promise<readonly Measurement[]>>> = {
  store: storeMeasurements,
  audit: benchAudit,
  year: benchYear,
  scheduler: schedulerMeasurements,
  fanout: benchFanOut,
  endpoints: benchEndpoints,
  idle: benchIdleMaster,
  engine: benchEngine,
  agent: benchAgent,
  names: benchNames,
  overlay: benchOverlay,
  served: benchServed,
  balancer: benchBalancer,
};

const RESULTS = '.results/bench.json';

const asked = process.argv.slice(2);
const unknown = asked.filter((name) => !(name in BENCHES));
if (unknown.length > 0) {
  process.stderr.write(`error: there is no bench ${unknown.join(', ')}; there are: ${Object.keys(BENCHES).join(', ')}\n`);
  process.exit(2);
}

const measurements: Measurement[] = [];
for (const [name, bench] of Object.entries(BENCHES)) {
  if (asked.length > 0 && !asked.includes(name)) continue;
  process.stderr.write(`== ${name}\n`);
  try {
    measurements.push(...(await attempt(() => bench((line) => process.stderr.write(`   ${line}\n`)))));
  } catch (error) {
    process.stderr.write(`   failed: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
    measurements.push(failed(name, error));
  }
}
writeFileSync(RESULTS, `${JSON.stringify({ at: new Date().toISOString(), measurements }, null, 2)}\n`);
process.stdout.write(`${table(measurements)}\n(as JSON in ${RESULTS})\n`);
process.exit(measurements.every(isWithin) ? 0 : 1); // a part that failed may have left something running
