import { hostname } from 'node:os';
import { parseArgs } from 'node:util';
import { startAgent } from './agent-process.js';
import { processLog } from './log.js';
import { type Program, runProgram } from './run-program.js';

/** The agent as a process. Its arguments are made by `kontenactl agent start`, which checks them. */
function main(): Promise<Program> {
  const { values } = parseArgs({
    options: {
      data: { type: 'string', default: '/var/lib/kontena/agent' },
      master: { type: 'string', default: 'localhost:9292' },
      token: { type: 'string' },
      name: { type: 'string', default: hostname() },
      label: { type: 'string', multiple: true, default: [] },
      docker: { type: 'string', default: 'unix:///var/run/docker.sock' },
      debug: { type: 'boolean', default: false },
    },
  });
  const token = values.token ?? process.env['KONTENA_TOKEN'];
  return startAgent({ data: values.data, master: values.master, token, name: values.name, labels: values.label, docker: values.docker, log: processLog('agent') });
}

await runProgram(main);
