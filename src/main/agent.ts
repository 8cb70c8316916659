import { hostname } from 'node:os';
import { parseArgs } from 'node:util';
import { KontenaError } from '../model/index.js';
import { startAgent } from './agent-process.js';
import { resetAgent } from './agent-reset.js';
import { processLog } from './log.js';
import { type Program, runProgram } from './run-program.js';
import { parseAddress } from './settings.js';

/** The agent as a process. Its arguments are made by `kontenactl agent start`, which checks them; or by `agent reset`. */
async function main(): Promise<Program | undefined> {
  const { values } = parseArgs({
    options: {
      data: { type: 'string', default: '/var/lib/kontena/agent' },
      master: { type: 'string', default: 'localhost:9292' },
      token: { type: 'string' },
      name: { type: 'string', default: hostname() },
      label: { type: 'string', multiple: true, default: [] },
      docker: { type: 'string', default: 'unix:///var/run/docker.sock' },
      'tunnel-port': { type: 'string' },
      'tunnel-key-age-ms': { type: 'string' },
      resolve: { type: 'boolean', default: false },
      metrics: { type: 'string' },
      debug: { type: 'boolean', default: false },
      reset: { type: 'boolean', default: false },
    },
  });
  if (values.reset) return reset(values.data, values.docker);
  const token = values.token ?? process.env['KONTENA_TOKEN'];
  const { 'tunnel-port': port, 'tunnel-key-age-ms': age } = values;
  return startAgent({
    data: values.data, master: values.master, token, name: values.name, labels: values.label, docker: values.docker, resolve: values.resolve, log: processLog('agent'),
    ...(port === undefined ? {} : { tunnelPort: Number(port) }), ...(age === undefined ? {} : { tunnelKeyMaxAgeMs: Number(age) }), ...(values.metrics === undefined ? {} : { metrics: parseAddress(values.metrics) }),
  });
}

/** What was done, or why not, as JSON for `kontenactl agent reset`. */
async function reset(data: string, docker: string): Promise<undefined> {
  const said = await resetAgent({ data, docker }).catch((error: unknown) => {
    if (error instanceof KontenaError) return { error: { code: error.code, message: error.message } };
    throw error;
  });
  process.stdout.write(`${JSON.stringify(said)}\n`);
}

await runProgram(main);
