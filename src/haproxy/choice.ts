import type { ServedRoute } from '../ports/index.js';
import { type Line, lines, type Owner, word } from './lines.js';
import { backendName } from './names.js';

/** What one route claims: a host, perhaps any; a path, perhaps any. */
interface Claim {
  readonly route: ServedRoute;
  readonly host: string | undefined;
  readonly path: string | undefined;
}

/** Reads what is asked for. */
export interface Asked {
  /** A sample of HAProxy, in lower case where it is compared. */
  readonly host: string;
  readonly path?: string;
}

/** Says which backend serves what: the nearest host first, of one host the longest path, of those who share one each its share. */
export function choose(routes: readonly ServedRoute[], asked: Asked): readonly Line[] {
  const claims = routes.flatMap(claimsOf).sort(byNearness);
  const groups = new Map<string, Claim[]>();
  for (const claim of claims) {
    const key = `${claim.host ?? '*'} ${claim.path ?? '/'}`;
    groups.set(key, [...(groups.get(key) ?? []), claim]);
  }
  return [...groups.values()].flatMap((group) => linesOf(group, asked));
}

function claimsOf(route: ServedRoute): readonly Claim[] {
  const { hosts, paths } = route.spec;
  const ofPaths = (paths.length === 0 ? ['/'] : paths).map((path) => (path === '/' ? undefined : path));
  return (hosts.length === 0 ? [undefined] : hosts).flatMap((host) => ofPaths.map((path) => ({ route, host, path })));
}

const isWild = (host: string): boolean => host.startsWith('*.');

/** The smaller, the nearer. */
function rankOf({ host, path = '' }: Claim): readonly [number, number, number] {
  if (host === undefined) return [2, 0, -path.length];
  return isWild(host) ? [1, -host.length, -path.length] : [0, 0, -path.length];
}

function byNearness(a: Claim, b: Claim): number {
  const [one, other] = [rankOf(a), rankOf(b)];
  for (const index of [0, 1, 2] as const) if (one[index] !== other[index]) return one[index] - other[index];
  return a.route.name < b.route.name ? -1 : 1;
}

/** One claim, or several who share it by weight: whoever is drawn and has an instance, else whoever has one. */
function linesOf(group: readonly Claim[], asked: Asked): readonly Line[] {
  const drawn = group.filter(({ route }) => route.spec.weight !== 0);
  const [first] = drawn;
  if (first === undefined) return [];
  if (drawn.length === 1) return use(first, asked);
  const weights = drawn.map(({ route }) => route.spec.weight ?? 1);
  const byLot = drawn.slice(0, -1).flatMap((claim, index) => {
    const rest = weights.slice(index).reduce((sum, weight) => sum + weight, 0);
    return use(claim, asked, `{ rand(${rest}) lt ${weights[index] ?? 0} }`, isServed(claim));
  });
  return [...byLot, ...[...drawn].reverse().flatMap((claim) => use(claim, asked, isServed(claim))), ...use(first, asked)];
}

const isServed = ({ route }: Claim): string => `{ nbsrv(${backendName(route.service)}) gt 0 }`;

function use({ route, host, path }: Claim, { host: asked, path: askedPath }: Asked, ...more: readonly string[]): readonly Line[] {
  const owner: Owner = { kind: 'route', name: route.name };
  const ofHost = host === undefined ? [] : [isWild(host) ? `{ ${asked} -m end ${word(host.slice(1))} }` : `{ ${asked} -m str ${word(host)} }`];
  const ofPath = path === undefined || askedPath === undefined ? [] : [`{ ${askedPath} -m beg ${word(path)} }`];
  const conditions = [...ofHost, ...ofPath, ...more];
  return lines(owner, [`use_backend ${backendName(route.service)}`, ...(conditions.length === 0 ? [] : ['if', ...conditions])].join(' '));
}
