import { parseArgs } from 'node:util';
import { processLog } from './log.js';
import { startMaster } from './master-process.js';
import { restoreBackup } from './restore.js';
import { type Program, runProgram } from './run-program.js';
import { parseAddress } from './settings.js';
import { stackRegistryAt } from './stack-registry-at.js';

/** The master as a process. Its arguments are made by `kontenactl master start` and `kontenactl restore`, which check them. */
async function main(): Promise<Program | undefined> {
  const { values } = parseArgs({
    options: {
      data: { type: 'string' },
      listen: { type: 'string', default: '0.0.0.0:9292' },
      advertise: { type: 'string', multiple: true, default: [] },
      'watch-dir': { type: 'string' },
      'allow-files': { type: 'string', multiple: true, default: [] },
      'allow-empty': { type: 'boolean', default: false },
      'keep-decisions-ms': { type: 'string' },
      'dns-hook': { type: 'string' },
      'acme-resolver': { type: 'string', multiple: true, default: [] },
      'balancer-image': { type: 'string' },
      metrics: { type: 'string' },
      registry: { type: 'string' },
      'insecure-http': { type: 'boolean', default: false },
      restore: { type: 'string' },
      debug: { type: 'boolean', default: false },
    },
  });
  const data = values.data ?? '/var/lib/kontena/master';
  if (values.restore !== undefined) {
    await restoreBackup(values.restore, data);
    process.stdout.write(`restored into ${data}\n`);
    return undefined;
  }
  const { 'keep-decisions-ms': keepMs, 'dns-hook': dnsHook, 'acme-resolver': resolvers, 'balancer-image': balancerImage } = values;
  const { host, port } = parseAddress(values.listen);
  const openStackRegistry = stackRegistryAt(values.registry, values['insecure-http']);
  const master = await startMaster({
    data, host, port, advertise: values.advertise, watchDirectory: values['watch-dir'], allowEmpty: values['allow-empty'], allowedFiles: values['allow-files'], openStackRegistry,
    ...(keepMs === undefined ? {} : { keepDecisionsMs: Number(keepMs) }), ...(balancerImage === undefined ? {} : { balancerImage }), ...(values.metrics === undefined ? {} : { metrics: parseAddress(values.metrics) }), acme: { resolvers, ...(dnsHook === undefined ? {} : { dnsHook }) }, log: processLog('master'),
  });
  process.stdout.write(`ready ${master.host}:${String(master.port)}\n`);
  return master;
}

await runProgram(main);
