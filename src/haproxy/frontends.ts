import { DEFAULT_EXTERNAL_PORT } from '../model/index.js';
import type { Served, ServedRoute } from '../ports/index.js';
import { pathsOf } from './certificates.js';
import { choose } from './choice.js';
import { type Line, lines, section, time, word } from './lines.js';
import { logFormat } from './log-format.js';
import type { Pages } from './pages.js';

/** What authorities are answered who ask whether a host is ours, by token. */
export const CHALLENGES = 'challenges.map';
const CHALLENGE_PATH = '/.well-known/acme-challenge/';

/** How long a client may take to say which host it wants, where TLS is handed on unopened. */
const HELLO_SECONDS = 5;

/** Where one balancer listens: for http, on the ports of tcp, for its page of statistics. */
export function frontendsOf(served: Served, pages: Pages): readonly Line[] {
  const tcp = served.routes.filter(({ spec }) => spec.mode === 'tcp');
  const ports = [...new Set(tcp.map(portOf))].sort((a, b) => a - b);
  return [...ofHttp(served, pages), ...ports.flatMap((port) => ofTcp(port, tcp.filter((route) => portOf(route) === port), served, pages)), ...ofStats(served)];
}

const portOf = ({ spec }: ServedRoute): number => spec.externalPort ?? DEFAULT_EXTERNAL_PORT;

/** Listens also where nothing is served: that it does says that it runs. */
function ofHttp({ spec, routes, certificates }: Served, pages: Pages): readonly Line[] {
  const { httpPort, httpsPort, healthUri, logFormat: format } = spec;
  const http = routes.filter((route) => route.spec.mode === 'http');
  const token = 'path,field(-1,/)';
  const map = CHALLENGES;
  return section('frontend http', [
    ...lines(
      undefined,
      'mode http',
      `bind :${httpPort}${accepting(spec)}`,
      certificates.length === 0 ? undefined : `bind :${httpsPort}${accepting(spec)} ${shown(certificates, pages)} alpn ${spec.http2 ? 'h2,' : ''}http/1.1`,
      logFormat(format, 'http'),
      healthUri === undefined ? undefined : `monitor-uri ${word(healthUri)}`,
      'http-request set-var(txn.host) req.hdr(host),field(1,:),lower',
      `http-request return status 200 content-type text/plain lf-string "%[${token},map_str(${map})]" if { path_beg ${CHALLENGE_PATH} } { ${token},map_str(${map}) -m found }`,
      `http-request set-header X-Forwarded-Proto https if { ssl_fc }`,
      `http-request set-header X-Forwarded-Port ${httpsPort} if { ssl_fc }`,
    ),
    ...choose(http, { host: 'var(txn.host)', path: 'path' }),
  ]);
}

/** One port of tcp. Several routes share it where they are told apart by the host that TLS names. */
function ofTcp(port: number, routes: readonly ServedRoute[], { spec, certificates }: Served, pages: Pages): readonly Line[] {
  const clients = routes.map((route) => route.spec.timeouts.client).filter((seconds) => seconds !== undefined);
  const mode = routes[0]?.spec.tls;
  if (mode === 'terminate' && certificates.length === 0) return []; // there is nothing to show to who asks
  return section(`frontend tcp:${port}`, [
    ...lines(
      undefined,
      'mode tcp',
      `bind :${port}${accepting(spec)}${mode === 'terminate' ? ` ${shown(certificates, pages)}` : ''}`,
      logFormat(spec.logFormat, 'tcp'),
      clients.length === 0 ? undefined : `timeout client ${time(Math.max(...clients))}`,
      ...(mode === 'passthrough' ? [`tcp-request inspect-delay ${HELLO_SECONDS}s`, 'tcp-request content accept if { req.ssl_hello_type 1 }'] : []),
    ),
    ...choose(routes, { host: mode === 'passthrough' ? 'req.ssl_sni,lower' : 'ssl_fc_sni,lower' }),
  ]);
}

const ofStats = ({ spec: { stats }, statsPassword }: Served): readonly Line[] =>
  section('frontend stats', lines({ kind: 'settings' }, 'mode http', `bind :${stats.port}`, 'no log', 'stats enable', 'stats uri /', 'stats refresh 10s', `stats auth ${word(`${stats.user}:${statsPassword}`)}`));

const accepting = ({ acceptsProxy }: Served['spec']): string => (acceptsProxy ? ' accept-proxy' : '');

/** The certificates of the balancer, the first for who names no host of theirs. */
const shown = (certificates: Served['certificates'], pages: Pages): string => `ssl crt-list ${pages.add(`${pathsOf(certificates).join('\n')}\n`, 'list')}`;
