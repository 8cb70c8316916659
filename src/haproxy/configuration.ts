import type { ProxyFault, Served } from '../ports/index.js';
import { backendOf } from './backend.js';
import { filesOf } from './certificates.js';
import { CHALLENGES, frontendsOf } from './frontends.js';
import { type Line, lines, section, time } from './lines.js';
import { WORKER_SOCKET } from './names.js';
import { digestOf, Pages } from './pages.js';

/** Nobody, as the images of HAProxy call it: what answers clients has no rights on anything. */
const USER = 99;

/** So many connections at once, two files for each: what an engine allows is often far beyond what HAProxy should prepare for. */
const FILES = 200_000;

/** TLS 1.2 as Mozilla's intermediate recommendation has it; what TLS 1.3 has is all good. */
const CIPHERS = 'ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384:ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305';

/** Everything that HAProxy reads. */
export interface Configuration {
  readonly text: string;
  /** Of all that cannot be changed while it runs. */
  readonly shape: string;
  /** By their names in the folder; without the configuration itself. */
  readonly files: Readonly<Record<string, string>>;
  /** Whose fault each line would be, in their order. */
  readonly owners: readonly ProxyFault['of'][];
}

/**
 * What HAProxy is to read to serve this.
 *
 * @param uid who may speak to it, beside root
 */
export function configurationOf(served: Served, uid: number): Configuration {
  const pages = new Pages();
  const body = [...defaultsOf(served, pages), ...frontendsOf(served, pages), ...served.routes.flatMap((route) => backendOf(route, pages))];
  const global = globalOf(served, uid);
  const shape = digestOf([...global, ...body].filter(({ isServer }) => !isServer).map(({ text }) => text).join('\n'));
  const all = [...global, ...lines(undefined, `description ${shape}`), ...body];
  const certificates = Object.fromEntries(served.certificates.flatMap(filesOf).map(({ file, pem }) => [file, pem]));
  return { text: textOf(all), shape, files: { ...pages.files, ...certificates, [CHALLENGES]: challengesText(served.challenges) }, owners: all.map(({ owner }) => owner) };
}

/** What HAProxy starts with before it was seen to take anything: it listens to us alone. */
export const emptyConfiguration = (uid: number): string => textOf(section('global', [...socketLines(uid), ...lines(undefined, 'description empty')]));

const textOf = (all: readonly Line[]): string => `${all.map(({ text }) => text).join('\n')}\n`;

const challengesText = (challenges: Served['challenges']): string => Object.entries(challenges).map(([token, answer]) => `${token} ${answer}\n`).join('');

const socketLines = (uid: number): readonly Line[] => lines(undefined, `stats socket unix@${WORKER_SOCKET} mode 600 uid ${uid} level admin expose-fd listeners`, 'stats timeout 1m', `uid ${USER}`, `gid ${USER}`, `fd-hard-limit ${FILES}`);

function globalOf({ spec: { syslogTarget, drainSeconds, ciphers, globalSettings } }: Served, uid: number): readonly Line[] {
  return section('global', [
    ...socketLines(uid),
    ...lines({ kind: 'settings' }, `log ${syslogTarget ?? 'stdout format raw local0 info'}`),
    ...lines(undefined, `hard-stop-after ${time(drainSeconds)}`, 'ssl-default-bind-options ssl-min-ver TLSv1.2 no-tls-tickets', 'tune.ssl.default-dh-param 2048'),
    ...lines({ kind: 'settings' }, `ssl-default-bind-ciphers ${ciphers ?? CIPHERS}`, ...globalSettings),
  ]);
}

function defaultsOf({ spec: { timeouts, errorPages, customSettings } }: Served, pages: Pages): readonly Line[] {
  const { connect = 5, server = 60, client = 60, queue = 60, tunnel = 3_600, request = 5, keepAlive = 10 } = timeouts;
  return section('defaults', [
    ...lines(
      undefined,
      'mode http',
      'log global',
      'option dontlognull',
      'option redispatch',
      'retries 3',
      'option idle-close-on-response', // clients are told that a connection ends; what closes at once meets the next request on its way
      ...Object.entries({ connect, server, client, queue, tunnel, 'http-request': request, 'http-keep-alive': keepAlive, check: 5, 'client-fin': 30 }).map(([name, seconds]) => `timeout ${name} ${time(seconds)}`),
      ...pages.errors(errorPages),
    ),
    ...lines({ kind: 'settings' }, ...customSettings),
  ]);
}
