import { hostname } from 'node:os';
import { parseArgs } from 'node:util';
import { startAgent } from './agent-process.js';
import { resetAgent } from './agent-reset.js';
import { processLog } from './log.js';
import { type Program, runProgram } from './run-program.js';

/** The agent as a process. Its arguments are made by `kontenactl agent start` and `agent reset`, which check them. */
async function main(): Promise<Program | undefined> {
  const { values } = parseArgs({
    options: {
      data: { type: 'string', default: '/var/lib/kontena/agent' },
      master: { type: 'string', default: 'localhost:9292' },
      token: { type: 'string' },
      name: { type: 'string', default: hostname() },
      label: { type: 'string', multiple: true, default: [] },
      docker: { type: 'string', default: 'unix:///var/run/docker.sock' },
      reset: { type: 'boolean', default: false },
      debug: { type: 'boolean', default: false },
    },
  });
  if (values.reset) {
    const { node, grid, containers } = await resetAgent({ data: values.data, docker: values.docker });
    process.stdout.write(`node ${node} of grid ${grid}: ${String(containers)} ${containers === 1 ? 'container' : 'containers'}, its network and its tunnels are removed\n`);
    return undefined;
  }
  const token = values.token ?? process.env['KONTENA_TOKEN'];
  return startAgent({ data: values.data, master: values.master, token, name: values.name, labels: values.label, docker: values.docker, log: processLog('agent') });
}

await runProgram(main);
