import { parseArgs } from 'node:util';
import { passphraseIn } from '../vault/index.js';
import { processLog } from './log.js';
import { startMaster } from './master-process.js';
import { type Openers, restoreBackup } from './restore.js';
import { type Program, runProgram } from './run-program.js';
import { identitiesIn, parseAddress, secretFile } from './settings.js';
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
      'vault-key': { type: 'string' },
      'vault-passphrase': { type: 'string' },
      restore: { type: 'string' },
      passphrase: { type: 'string' },
      identity: { type: 'string', multiple: true, default: [] },
      debug: { type: 'boolean', default: false },
    },
  });
  const data = values.data ?? '/var/lib/kontena/master';
  const { 'vault-key': vaultKeyFile, 'vault-passphrase': vaultPassphrase } = values;
  const vaultPassphraseFile = mapped(vaultPassphrase, (file) => secretFile(file, process.env));
  if (values.restore !== undefined) {
    await restoreBackup(values.restore, data, await openersOf({ ...values, vaultPassphraseFile }));
    process.stdout.write(`restored into ${data}\n`);
    return undefined;
  }
  const { 'keep-decisions-ms': keepMs, 'dns-hook': dnsHook, 'acme-resolver': resolvers, 'balancer-image': balancerImage } = values;
  const { host, port } = parseAddress(values.listen);
  const openStackRegistry = stackRegistryAt(values.registry, values['insecure-http']);
  const master = await startMaster({
    data, host, port, advertise: values.advertise, watchDirectory: values['watch-dir'], allowEmpty: values['allow-empty'], allowedFiles: values['allow-files'], openStackRegistry,
    ...present({ keepDecisionsMs: mapped(keepMs, Number), balancerImage, vaultKeyFile, vaultPassphraseFile, metrics: mapped(values.metrics, parseAddress) }), acme: { resolvers, ...present({ dnsHook }) }, log: processLog('master'),
  });
  process.stdout.write(`ready ${master.host}:${String(master.port)}\n`);
  return master;
}

const mapped = <T, Made>(value: T | undefined, make: (value: T) => Made): Made | undefined => (value === undefined ? undefined : make(value));

/** Without what was not named. */
const present = <T extends object>(settings: T): { [K in keyof T]?: Exclude<T[K], undefined> } =>
  Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined)) as { [K in keyof T]?: Exclude<T[K], undefined> };

interface OpenerFiles {
  readonly passphrase?: string | undefined;
  readonly identity: readonly string[];
  readonly vaultPassphraseFile: string | undefined;
}

/** What the files that were named hold. */
async function openersOf({ passphrase, identity, vaultPassphraseFile }: OpenerFiles): Promise<Openers> {
  const backup = { passphrase: passphrase === undefined ? undefined : await passphraseIn(passphrase), identities: await identitiesIn(identity) };
  return {
    ...(vaultPassphraseFile === undefined ? {} : { vault: await passphraseIn(vaultPassphraseFile) }),
    ...(passphrase === undefined && identity.length === 0 ? {} : { backup }),
  };
}

await runProgram(main);
