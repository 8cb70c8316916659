import type { CookieSpec, RouteSpec } from '../model/index.js';
import type { ServedRoute, ServedServer } from '../ports/index.js';
import { type Line, lines, type Owner, section, serverLines, time, word } from './lines.js';
import { backendName, serverName } from './names.js';
import type { Pages } from './pages.js';

/** How often an instance is asked whether it is well, once it gave a bad answer, and while it is down. */
const CHECK_SECONDS = 2;
const DOUBT_MS = 300;
const DOWN_MS = 1_000;

/** Connections to an instance are kept for the next request: by default so in a file, and not where one is added while HAProxy runs. */
const KEPT = 'pool-max-conn -1 pool-purge-delay 5s';

/** Clients that are counted, of each route with limits. */
const CLIENTS = '100k';

/** Those who send to the same instance again and again: without this, each instance that comes or goes moves nearly all of them. */
const HASHES = /^(source|uri|url_param|hdr|rdp-cookie|hash)\b/;

/** What stands behind one route. */
export function backendOf(route: ServedRoute, pages: Pages): readonly Line[] {
  const { name, service, spec, users, servers } = route;
  const owner: Owner = { kind: 'route', name };
  const backend = backendName(service);
  const userlist = users === undefined ? [] : section(`userlist ${backend}`, lines(owner, ...textLines(users)), owner);
  const body = [
    ...lines(owner, `mode ${spec.mode}`, `balance ${spec.balance}`, HASHES.test(spec.balance) ? 'hash-type consistent' : undefined, ...timeouts(spec), ...limits(spec)),
    ...(spec.mode === 'http' ? ofHttp(route, owner, pages) : lines(owner, spec.maintenance === undefined ? undefined : 'tcp-request content reject')),
    ...lines(owner, spec.check.uri === undefined ? undefined : `option httpchk GET ${word(spec.check.uri)}`),
    ...(spec.mode === 'http' ? [] : lines(owner, ...spec.customSettings)),
    ...serverLines(owner, servers.map((server) => `server ${serverName(server.instance)} ${serverArguments(spec, server)}`)),
  ];
  return [...userlist, ...section(`backend ${backend}`, body, owner)];
}

/** What HAProxy is told of one instance, in a file or while it runs. */
export function serverArguments({ mode, protocol, sendsProxy, check: { port, intervalSeconds = CHECK_SECONDS } }: RouteSpec, { address, port: own }: ServedServer): string {
  return [
    `${address}:${own} check inter ${time(intervalSeconds)} fastinter ${DOUBT_MS}ms downinter ${DOWN_MS}ms rise 1 fall 2`,
    KEPT,
    ...(port === undefined || port === own ? [] : [`port ${port}`]),
    ...(mode === 'http' && protocol === 'h2' ? ['proto h2'] : []),
    ...(sendsProxy === undefined ? [] : [sendsProxy === 'v1' ? 'send-proxy' : 'send-proxy-v2', 'check-send-proxy']),
  ].join(' ');
}

/** Their marks follow from addresses, so that instances may come and go while HAProxy runs. */
export const hasDynamicCookie = ({ mode, cookie }: RouteSpec): boolean => mode === 'http' && cookie !== undefined;

function ofHttp({ service, spec, users }: ServedRoute, owner: Owner, pages: Pages): readonly Line[] {
  const { redirectsToHttps, hsts, maintenance, compression = [], cookie, errorPages, customSettings } = spec;
  const before = lines(
    owner,
    'option forwardfor',
    redirectsToHttps ? 'http-request redirect prefix https://%[var(txn.host)] code 308 unless { ssl_fc }' : undefined,
    ...(maintenance === undefined ? [] : [`http-request return status 503 content-type "text/html; charset=utf-8" file ${pages.add(maintenance.page)}`]),
    users === undefined ? undefined : `http-request auth realm ${word(service)} unless { http_auth(${backendName(service)}) }`,
    ...(cookie === undefined ? [] : cookieLines(service, cookie)),
    ...(compression.length === 0 ? [] : ['compression algo gzip', `compression type ${compression.join(' ')}`]),
    hsts === undefined ? undefined : `http-response set-header Strict-Transport-Security "${hstsText(hsts)}" if { ssl_fc }`,
    ...pages.errors(errorPages),
  );
  // Lines of people see the path as it was asked for.
  return [...before, ...lines(owner, ...customSettings), ...lines(owner, ...strip(spec))];
}

const cookieLines = (service: string, { name, mode, options }: CookieSpec): readonly string[] => [
  [`cookie ${word(name)} ${mode}`, ...options.filter((option) => option !== 'dynamic'), 'dynamic'].join(' '),
  `dynamic-cookie-key ${word(service)}`,
];

const hstsText = ({ maxAgeSeconds, includesSubdomains, preload }: NonNullable<RouteSpec['hsts']>): string =>
  [`max-age=${maxAgeSeconds}`, ...(includesSubdomains ? ['includeSubDomains'] : []), ...(preload ? ['preload'] : [])].join('; ');

/** Takes away the part of the path that the route was chosen by; the longest first, as it was chosen by that. */
function strip({ keepsPath, paths }: RouteSpec): readonly string[] {
  const prefixes = keepsPath ? [] : paths.map((path) => path.replace(/\/+$/, '')).filter((path) => path !== '');
  if (prefixes.length === 0) return [];
  const literal = prefixes.sort((a, b) => b.length - a.length).map((path) => path.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  return [`http-request replace-path ${word(`^(${literal.join('|')})/?(.*)$`)} '/\\2'`];
}

const timeouts = ({ timeouts: { connect, server, queue, tunnel } }: RouteSpec): readonly (string | undefined)[] => [
  connect === undefined ? undefined : `timeout connect ${time(connect)}`,
  server === undefined ? undefined : `timeout server ${time(server)}`,
  queue === undefined ? undefined : `timeout queue ${time(queue)}`,
  tunnel === undefined ? undefined : `timeout tunnel ${time(tunnel)}`,
];

/** Of each client by its address, counted here, where all of the route comes by. */
function limits({ mode, limits: of = {} }: RouteSpec): readonly string[] {
  const { requestsPerSecond, connections } = of;
  if (requestsPerSecond === undefined && connections === undefined) return [];
  const table = `stick-table type ipv6 size ${CLIENTS} expire 10s store http_req_rate(1s),sess_rate(1s),conn_cur`;
  if (mode === 'tcp') {
    return [
      table, 'tcp-request content track-sc0 src',
      ...(connections === undefined ? [] : [`tcp-request content reject if { sc_conn_cur(0) gt ${connections} }`]),
      ...(requestsPerSecond === undefined ? [] : [`tcp-request content reject if { sc_sess_rate(0) gt ${requestsPerSecond} }`]),
    ];
  }
  return [
    table, 'http-request track-sc0 src',
    ...(connections === undefined ? [] : [`http-request deny deny_status 429 if { sc_conn_cur(0) gt ${connections} }`]),
    ...(requestsPerSecond === undefined ? [] : [`http-request deny deny_status 429 if { sc_http_req_rate(0) gt ${requestsPerSecond} }`]),
  ];
}

const textLines = (text: string): readonly string[] => text.split('\n').map((line) => line.trim()).filter((line) => line !== '');
