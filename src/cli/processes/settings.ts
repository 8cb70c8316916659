import { resolve } from 'node:path';
import { DEFAULT_BALANCER_IMAGE } from '../../model/index.js';
import { durationFlag } from '../flags.js';
import { Flags } from '../oclif.js';
import { UsageError } from '../usage-error.js';

const metricsFlag = Flags.string({ helpValue: '<host:port>', summary: 'Where Prometheus finds /metrics, over plain HTTP and for whoever reaches it; nowhere unless named.' });

/** What `master start` and `master install` take alike. */
export const masterFlags = {
  data: Flags.string({ default: '/var/lib/kontena/master', helpValue: '<dir>', summary: 'Data directory: the store, keys, and the admin credential admin.json.' }),
  listen: Flags.string({ default: '0.0.0.0:9292', helpValue: '<host:port>', summary: 'Address to listen on, for agents and clients alike.' }),
  advertise: Flags.string({ multiple: true, multipleNonGreedy: true, helpValue: '<name>', summary: 'A further name or address by which agents and clients reach it.' }),
  'watch-dir': Flags.string({ helpValue: '<dir>', summary: 'Directory whose stack files are declared state.' }),
  registry: Flags.string({ helpValue: '<address>', summary: 'With --watch-dir: stack registry of its files, a path, git+ssh://…, git+https://… or oci://host/prefix; else KONTENA_STACK_REGISTRY.' }),
  'insecure-http': Flags.boolean({ default: false, summary: 'Speak http, not https, to an OCI registry.' }),
  'allow-files': Flags.string({ multiple: true, multipleNonGreedy: true, helpValue: '<dir>', summary: 'With --watch-dir: further folder whose files the stack files may refer to, besides their own.' }),
  'allow-empty': Flags.boolean({ default: false, summary: 'With --watch-dir: an emptied directory removes all its stacks.' }),
  'dns-hook': Flags.string({ helpValue: '<program>', summary: 'Program that sets records for certificates: it is given add or remove, the name of a TXT record, and its value.' }),
  'acme-resolver': Flags.string({ multiple: true, multipleNonGreedy: true, helpValue: '<address:port>', summary: 'Who is asked whether certificate authorities will see what they are shown; else the servers of names of this machine.' }),
  'balancer-image': Flags.string({ helpValue: '<image>', summary: `What balancers run that name no image but kontena/lb: HAProxy's own (default: ${DEFAULT_BALANCER_IMAGE}).` }),
  metrics: metricsFlag,
  'keep-decisions': durationFlag({ summary: 'How long the history keeps in full what the master decided by itself (default: 30d). What people declared is kept for good.' }),
};

interface MasterSettings {
  readonly data: string;
  readonly listen: string;
  readonly advertise: string[] | undefined;
  readonly 'watch-dir': string | undefined;
  readonly registry: string | undefined;
  readonly 'insecure-http': boolean;
  readonly 'allow-files': string[] | undefined;
  readonly 'allow-empty': boolean;
  readonly 'dns-hook': string | undefined;
  readonly 'acme-resolver': string[] | undefined;
  readonly 'balancer-image': string | undefined;
  readonly metrics: string | undefined;
  /** In milliseconds. */
  readonly 'keep-decisions': number | undefined;
}

/** Arguments of the master's program; paths made absolute. @throws UsageError */
export function masterArguments(settings: MasterSettings, directory: string): readonly string[] {
  requireAddress('--listen', settings.listen);
  const { 'watch-dir': watched, 'keep-decisions': keepMs, 'balancer-image': balancerImage, registry } = settings;
  return [
    '--data', resolve(directory, settings.data), '--listen', settings.listen,
    ...(settings.advertise ?? []).flatMap((name) => ['--advertise', name]),
    ...(watched === undefined ? [] : ['--watch-dir', resolve(directory, watched)]),
    ...(registry === undefined ? [] : ['--registry', isAddress(registry) ? registry : resolve(directory, registry)]),
    ...(settings['insecure-http'] ? ['--insecure-http'] : []),
    ...(settings['allow-files'] ?? []).flatMap((folder) => ['--allow-files', resolve(directory, folder)]),
    ...(settings['allow-empty'] ? ['--allow-empty'] : []),
    ...(settings['dns-hook'] === undefined ? [] : ['--dns-hook', resolve(directory, settings['dns-hook'])]),
    ...(settings['acme-resolver'] ?? []).flatMap((server) => ['--acme-resolver', server]),
    ...(balancerImage === undefined ? [] : ['--balancer-image', balancerImage]),
    ...metricsArguments(settings),
    ...(keepMs === undefined ? [] : ['--keep-decisions-ms', String(keepMs)]),
  ];
}

const isAddress = (registry: string): boolean => /^([a-z+]+:\/\/|~)/.test(registry);

/** An agent tries the fifteen after it, too. */
const HIGHEST_TUNNEL_PORT = 65_520;
const MINUTE_MS = 60_000;

/** What `agent start` and `agent install` take alike. */
export const agentFlags = {
  master: Flags.string({ required: true, helpValue: '<host:port>', summary: 'Address of the master.' }),
  token: Flags.string({ env: 'KONTENA_TOKEN', helpValue: '<token>', summary: 'Join token, needed for the first start only; better in KONTENA_TOKEN: arguments can be read by everyone on the machine.' }),
  data: Flags.string({ default: '/var/lib/kontena/agent', helpValue: '<dir>', summary: 'Data directory: the node\'s key and what it last had to run.' }),
  name: Flags.string({ helpValue: '<name>', summary: 'Name of the node; the machine\'s own when absent.' }),
  docker: Flags.string({ helpValue: '<unix://socket>', summary: 'Socket of the container engine.' }),
  label: Flags.string({ char: 'l', multiple: true, multipleNonGreedy: true, helpValue: '<key=value>', summary: 'Label of the node, set when it joins.' }),
  'tunnel-port': Flags.integer({ min: 1, max: HIGHEST_TUNNEL_PORT, helpValue: '<port>', summary: 'UDP port of the tunnels between nodes, or the next that is free (default: 51820).' }),
  resolve: Flags.boolean({ default: false, summary: 'Programs of this machine look up names of the grid, too, in full: web.todo.default.kontena.local.' }),
  metrics: metricsFlag,
  'tunnel-key-age': durationFlag({ summary: 'The key of the tunnels is changed before it is older, some time in the last quarter (default: 30d).' }),
};

interface AgentSettings {
  readonly master: string;
  readonly data: string;
  readonly name: string | undefined;
  readonly docker: string | undefined;
  readonly label: string[] | undefined;
  readonly 'tunnel-port': number | undefined;
  readonly metrics: string | undefined;
  /** In milliseconds. */
  readonly 'tunnel-key-age': number | undefined;
  readonly resolve: boolean;
}

/** Arguments of the agent's program, without the token: arguments can be read by everyone on the machine. @throws UsageError */
export function agentArguments(settings: AgentSettings, directory: string): readonly string[] {
  const { master, data, name, docker, label = [], 'tunnel-port': port, 'tunnel-key-age': ageMs, resolve: isResolving } = settings;
  const server = master.includes(':') ? master : `${master}:9292`;
  requireAddress('--master', server);
  if (docker !== undefined && !/^unix:\/\/\/./.test(docker)) throw new UsageError(`--docker ${docker}: a socket is wanted, like unix:///var/run/docker.sock`);
  if (ageMs !== undefined && ageMs < MINUTE_MS) throw new UsageError('--tunnel-key-age: a minute is the least; a change of the key interrupts the tunnels for a moment');
  return [
    '--data', resolve(directory, data), '--master', server,
    ...(name === undefined ? [] : ['--name', name]), ...(docker === undefined ? [] : ['--docker', docker]), ...label.flatMap((text) => ['--label', text]),
    ...(port === undefined ? [] : ['--tunnel-port', String(port)]), ...(ageMs === undefined ? [] : ['--tunnel-key-age-ms', String(ageMs)]),
    ...(isResolving ? ['--resolve'] : []),
    ...metricsArguments(settings),
  ];
}

/** @throws UsageError */
function metricsArguments({ metrics }: { readonly metrics: string | undefined }): readonly string[] {
  if (metrics === undefined) return [];
  requireAddress('--metrics', metrics);
  return ['--metrics', metrics];
}

function requireAddress(flag: string, text: string): void {
  const port = /^(?:\[[^\]]+\]|[^:]*):(\d{1,5})$/.exec(text)?.[1];
  if (port === undefined || Number(port) > 65_535) throw new UsageError(`${flag} ${text}: HOST:PORT is wanted, like 0.0.0.0:9292`);
}
