import { join } from 'node:path';
import { CONTROLLERS } from '../../controllers/index.js';
import { keepOrders, openAuthorities, proofShower, type ProofShowerOptions } from '../acme/index.js';
import { createApi } from '../api/index.js';
import { auditKey, sealWith } from '../audit/index.js';
import { systemClock } from '../clock.js';
import { EventLog } from '../event-log/index.js';
import { replaceFile } from '../files/index.js';
import { providers } from '../identity/index.js';
import { createMasterLink } from '../link/index.js';
import { fileLogRings } from '../log-rings/index.js';
import { DEFAULT_BALANCER_IMAGE, messageOf, type Millis } from '../model/index.js';
import { keepMoves } from '../moving/index.js';
import type { Clock, Control, Issued, Log, Random, VaultKeys } from '../ports/index.js';
import { systemRandom } from '../random.js';
import { run } from '../reconcile/index.js';
import { stackReader, watchDirectory } from '../sources/index.js';
import { stackFetcher, type StackRegistry } from '../stack-registry/index.js';
import { clusterOf } from '../stackfile/index.js';
import { KeptStatistics } from '../statistics/index.js';
import { KEEP_DECISIONS_MS, keepCompact, openAudit, openStore } from '../store/index.js';
import { openVault, passphraseIn, vaultKeys } from '../vault/index.js';
import { packBackup, removeBackupScraps } from './backup.js';
import { ADMIN_FILE, AUDIT_FILE, AUDIT_KEY_FILE, EVENTS_DIRECTORY, LOGS_DIRECTORY, PKI_DIRECTORY, prepareDirectory, STATISTICS_DIRECTORY, STORE_FILE, tidyDirectory, VAULT_KEY_FILE } from './data-directory.js';
import { PlatformLog } from './platform-log.js';
import { removeRestoreScraps } from './restore.js';
import type { Program } from './run-program.js';
import { VERSION } from './version.js';

export interface MasterSettings {
  /** Holds the store, the keys and the admin credential. One master at a time. */
  readonly data: string;
  readonly host: string;
  readonly port: number;
  /** Further names and addresses for the server's certificate. */
  readonly advertise: readonly string[];
  /** Stack files in this directory are declared state. */
  readonly watchDirectory: string | undefined;
  readonly allowEmpty: boolean;
  /** Folders, absolute, whose files those may refer to besides files of their own directory. */
  readonly allowedFiles?: readonly string[];
  /** Where those files find stacks by name; undefined when none is named. */
  readonly openStackRegistry: () => Promise<StackRegistry | undefined>;
  /** How long the history keeps the bodies of what controllers derived and replaced. Default: 30 days. */
  readonly keepDecisionsMs?: Millis;
  /** Where the vault's key lies; in the data directory when absent. */
  readonly vaultKeyFile?: string;
  /** The file of the passphrase that seals it; it lies there as it is when absent. */
  readonly vaultPassphraseFile?: string;
  /** How it is shown to certificate authorities that names are ours. */
  readonly acme?: ProofShowerOptions;
  /** What balancers run that name no image but `kontena/lb`. */
  readonly balancerImage?: string;
  /** Where `/metrics` is told; nowhere when absent. */
  readonly metrics?: { readonly host: string; readonly port: number };
  readonly log: Log;
  readonly clock?: Clock;
  readonly random?: Random;
}

export interface Master extends Program {
  readonly host: string;
  readonly port: number;
}

/** The grid that exists from the first start. */
const GRID = 'default';

/** What was started, ended in reverse. */
type Closers = (() => unknown)[];

/**
 * Builds a master from its parts and starts it: store, api, controllers, link, and the watched directory if there is one.
 * What cannot start takes down with it what had started.
 */
export async function startMaster(settings: MasterSettings): Promise<Master> {
  const closers: Closers = [];
  const close = async (): Promise<void> => {
    for (const end of closers.splice(0).reverse()) await end();
  };
  try {
    return { ...(await start(settings, closers)), close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function start(settings: MasterSettings, closers: Closers): Promise<Omit<Master, 'close'>> {
  const { data, clock = systemClock, random = systemRandom } = settings;
  await prepareDirectory(data, settings.log);
  const log = await PlatformLog.open(fileLogRings(join(data, LOGS_DIRECTORY)), 'master', settings.log);
  closers.push(() => log.close());
  const onFatal = (error: unknown): void => {
    log.error('the store failed; the master ends so that nothing is said that is not on disk', { reason: messageOf(error) });
    process.exit(1);
  };
  const metrics = await metricsFor(settings.metrics);
  const opened = openStore(join(data, STORE_FILE), { clock, random, onFatal });
  const store = metrics?.durations.ofStore(opened) ?? opened;
  closers.push(() => store.close());
  const events = await EventLog.open({ directory: join(data, EVENTS_DIRECTORY), store, clock, log });
  closers.push(() => events.close());
  const statistics = await KeptStatistics.open({ directory: join(data, STATISTICS_DIRECTORY), clock, log });
  closers.push(() => statistics.close());
  await tidyDirectory(data);
  await removeBackupScraps(data);
  await removeRestoreScraps(data);
  const audit = openAudit(join(data, AUDIT_FILE), { cluster: store.identity.cluster, seal: sealWith(await auditKey(join(data, AUDIT_KEY_FILE))), clock, onFatal });
  closers.push(() => audit.close());
  await audit.note({ who: 'master', action: 'master.start', detail: `epoch ${String(store.identity.epoch)}, revision ${String(store.revision)}`, outcome: 'done' });
  const vaultKeyFile = keyFileOf(settings);
  const vault = openVault({ keys: await keysIn(vaultKeyFile, settings.vaultPassphraseFile, random), store, random });
  const link = await createMasterLink({ store, vault, clock, random, log, pkiDirectory: join(data, PKI_DIRECTORY), advertise: settings.advertise, version: VERSION, statistics, balancerImage: settings.balancerImage ?? DEFAULT_BALANCER_IMAGE });
  const api = createApi({ store, vault, audit, clock, random, nodes: link.nodes, ownLog: log, events, statistics, authority: link.authority, providers, pack: (signal) => packBackup(data, { store, audit, vaultKeys: vault.keys, vaultKeyFile }, signal), version: VERSION });
  await api.prepare();

  const onError = (subject: string, error: unknown): void => log.error('planning failed', { subject, reason: messageOf(error) });
  const loops = CONTROLLERS.map((controller) => run(metrics?.durations.ofController(controller) ?? controller, { store, clock, random, onError }));
  closers.push(keepCompact({ store, clock, log, keepMs: settings.keepDecisionsMs ?? KEEP_DECISIONS_MS }));
  const orders = keepOrders({ store, vault: api.certificateVault, open: openAuthorities(link.authority), shower: proofShower(settings.acme ?? {}), clock, random, log });
  closers.push(() => orders.stop());
  const moves = keepMoves({ store, nodes: link.nodes, clock, random, log });
  closers.push(() => moves.stop());
  closers.push(() => Promise.all(loops.map((loop) => loop.stop())), () => link.close());
  const { host, port } = await link.listen({ host: settings.host, port: settings.port, control: (caller) => api.control(caller), enrolment: api.enrolment, access: api.access, signIn: api.signIn });
  const writeAdmin = (): Promise<void> => writeAdminFile(data, reachable(host, port), link.authority.admin());
  await writeAdmin();
  link.onAuthorityChange(() => {
    api.keepOwnCredential().then(writeAdmin).catch((error: unknown) => log.error('the credential of this master could not be kept', { reason: messageOf(error) }));
  });
  const watched = await watchFiles({ ...settings, log }, { control: api.control({ name: 'watched-directory' }), clock, random });
  closers.push(() => watched?.close());
  const served = await metrics?.serve({ store, nodes: link.nodes, version: VERSION });
  closers.push(() => served?.close());
  log.info('ready', { host, port, data, cluster: store.identity.cluster, epoch: store.identity.epoch, revision: store.revision });
  return { host, port };
}

/** What is measured, and told at `address`. Most masters tell nobody, and spare the memory. */
async function metricsFor(address: MasterSettings['metrics']) {
  if (address === undefined) return undefined;
  const { Durations, masterMetrics, serveMetrics } = await import('../metrics/index.js');
  const durations = new Durations();
  return { durations, serve: (means: Parameters<typeof masterMetrics>[0]) => serveMetrics({ ...address, metrics: masterMetrics(means), histograms: durations.all }) };
}

/** The directory whose stack files are declared state, if there is one. */
async function watchFiles({ watchDirectory: directory, allowEmpty, allowedFiles, openStackRegistry, log }: MasterSettings, { control, clock, random }: { readonly control: Control; readonly clock: Clock; readonly random: Random }): Promise<{ close(): Promise<void> } | undefined> {
  if (directory === undefined) return undefined;
  const cluster = clusterOf(() => Promise.resolve({ control, grid: GRID }));
  return watchDirectory({
    directory, allowEmpty, grid: GRID, clock, log, control,
    openReader: () => stackReader({ allowed: allowedFiles, grid: GRID, environment: process.env, random, cluster, fetchStack: stackFetcher(openStackRegistry) }),
  });
}

const keyFileOf = ({ data, vaultKeyFile }: MasterSettings): string => vaultKeyFile ?? join(data, VAULT_KEY_FILE);

const keysIn = async (file: string, passphraseFile: string | undefined, random: Random): Promise<VaultKeys> =>
  vaultKeys(file, { random, passphrase: passphraseFile === undefined ? undefined : await passphraseIn(passphraseFile) });

/** The way in for whoever may read the master's files. */
const writeAdminFile = (data: string, server: string, { ca, certificate, key }: Issued): Promise<void> =>
  replaceFile(join(data, ADMIN_FILE), `${JSON.stringify({ server, grid: GRID, ca, certificate, key }, null, 2)}\n`);

/** The address for a client on this machine. */
const reachable = (host: string, port: number): string => `${host === '0.0.0.0' || host === '::' ? 'localhost' : host}:${String(port)}`;
