import { askedHealthCheck, type Claim, claimsOf, defaultRoute, isName, mayShare, nearest, ownClaims, parseService, type ServiceSpec, type StackSpec } from '../model/index.js';
import { isAlias, noAlias } from './service/alias.js';
import { isImage } from './service/image.js';

/** A rule of the master that a stack breaks. */
export interface Breach {
  readonly service?: string;
  /** The field of the stored stack, and the key of the file that it comes from; absent when the service itself is meant. */
  readonly field?: string;
  readonly key?: string;
  /** Index in a list. */
  readonly index?: number;
  readonly message: string;
  readonly hint?: string;
}

/** What a master refuses in a stack whose form is right: it looks at how things fit together. */
export function breaches(stack: StackSpec): readonly Breach[] {
  const names = Object.keys(stack.services);
  const found: Breach[] = Object.entries(stack.services).flatMap(([name, service]) => serviceBreaches(name, service, stack));
  if (!isName(stack.name)) found.push({ field: 'name', key: 'stack', message: `"${stack.name}" cannot be the name of a stack`, hint: NAMES });
  if (names.length === 0) found.push({ field: 'services', key: 'services', message: 'the stack has no services' });
  if (stack.expose !== undefined && !names.includes(stack.expose)) found.push({ field: 'expose', key: 'expose', message: `there is no service "${stack.expose}" to expose`, ...near(stack.expose, names) });
  found.push(...namesBreaches(stack));
  for (const [index, label] of stack.labels.entries()) {
    if (!/^[A-Za-z0-9._/-]+=/.test(label)) found.push({ field: 'labels', key: 'labels', index, message: `"${label}" is not NAME=VALUE` });
  }
  return [...found, ...circles(stack), ...claimBreaches(stack)];
}

const NAMES = 'letters, digits, - and _, at most 63, the first a letter or digit';

function namesBreaches({ allow = [], networks = [] }: StackSpec): readonly Breach[] {
  const odd = (field: 'allow' | 'networks', names: readonly string[], what: string): readonly Breach[] =>
    names.flatMap((name, index) => (isName(name) ? [] : [{ field, key: field, index, message: `"${name}" cannot be the name of ${what}`, hint: NAMES }]));
  return [...odd('allow', allow, 'a stack'), ...odd('networks', networks, 'a network')];
}

const near = (name: string, known: readonly string[]): { readonly hint?: string } => {
  const found = nearest(name, known);
  return found === undefined ? {} : { hint: `did you mean ${found}?` };
};

function serviceBreaches(name: string, spec: ServiceSpec, { name: stack, services }: StackSpec): readonly Breach[] {
  const found: Omit<Breach, 'service'>[] = [];
  for (const [index, { service: full, alias }] of spec.links.entries()) {
    const target = parseService(full);
    if (!isAlias(alias)) found.push({ field: 'links', key: 'links', index, ...noAlias(alias) });
    if (target === undefined) found.push({ field: 'links', key: 'links', index, message: `"${full}" is not the name of a service` });
    else if (target.stack === stack && !Object.hasOwn(services, target.service)) found.push({ field: 'links', key: 'links', index, message: `service "${name}" is linked to "${target.service}", which is not in the stack`, ...near(target.service, Object.keys(services)) });
  }
  if (!isName(name)) found.push({ message: `"${name}" cannot be the name of a service`, hint: NAMES });
  if (!isImage(spec.image)) found.push({ field: 'image', key: 'image', message: `"${spec.image}" is not the name of an image`, hint: 'small letters, like acme/app:1.2 or registry.example.com:5000/app' });
  const check = askedHealthCheck(spec);
  if (check !== undefined && check.intervalSeconds < check.timeoutSeconds) found.push({ field: 'healthCheck', key: 'health_check', message: `the interval of ${check.intervalSeconds} s is shorter than the timeout of ${check.timeoutSeconds} s`, hint: 'raise interval or lower timeout' });
  return [...found, ...statefulBreaches(spec), ...portBreaches(spec), ...vaultBreaches(spec), ...settingBreaches(spec)].map((breach) => ({ service: name, ...breach }));
}

function statefulBreaches({ stateful, volumesFrom, deploy }: ServiceSpec): readonly Omit<Breach, 'service'>[] {
  if (!stateful) return [];
  const found: Omit<Breach, 'service'>[] = [];
  if (volumesFrom.length > 0) found.push({ field: 'volumesFrom', key: 'volumes_from', message: 'a stateful service cannot take the volumes of another' });
  if (deploy.order === 'start-first') found.push({ field: 'deploy', key: 'deploy', message: 'a stateful service cannot be replaced start-first: two instances would hold its data', hint: 'order: stop-first' });
  return found;
}

/** Whether two addresses of a node are one, or one of them is all of its kind. */
const overlap = (ip: string, other: string): boolean =>
  ip === other || (ip.includes(':') === other.includes(':') && [ip, other].some((one) => one === '0.0.0.0' || one === '::'));

function portBreaches({ ports }: ServiceSpec): readonly Omit<Breach, 'service'>[] {
  const seen = new Map<string, string[]>();
  return ports.flatMap(({ ip, nodePort, protocol }, index) => {
    const key = `${nodePort}/${protocol}`;
    const taken = seen.get(key) ?? [];
    seen.set(key, [...taken, ip]);
    const isSecond = taken.some((other) => overlap(ip, other));
    return isSecond ? [{ field: 'ports', key: 'ports', index, message: `port ${nodePort}/${protocol} of the node is taken twice` }] : [];
  });
}

/** What a value from the vault may be called in a container: an engine that refuses the name of a variable would tell its value. */
function vaultBreaches(spec: ServiceSpec): readonly Omit<Breach, 'service'>[] {
  return (['secrets', 'certificates'] as const).flatMap((field) => spec[field].flatMap(({ name, type }, index) => {
    if (type === 'env') return /^[^=\0]+$/.test(name) ? [] : [{ field, key: field, index, message: `"${name}" cannot be the name of a variable of the environment`, hint: 'name: DB_PASSWORD' }];
    return /^[^/\0]+$/.test(name) && name !== '.' && name !== '..' ? [] : [{ field, key: field, index, message: `"${name}" cannot be the name of a file in /run/secrets`, hint: 'name: db-password' }];
  }));
}

/** What begins a section of HAProxy's configuration. */
const SECTION = /^(acme|cache|crt-store|defaults|fcgi-app|frontend|backend|listen|global|http-errors|log-forward|log-profile|mailers|peers|program|resolvers|ring|traces|userlist)\b/;

/** Lines in HAProxy's own words, which stand inside of a section, and may not leave it. */
function settingBreaches({ route, balancer }: ServiceSpec): readonly Omit<Breach, 'service'>[] {
  const lines = (field: 'route' | 'balancer', key: string, all: readonly string[] = []): readonly Omit<Breach, 'service'>[] =>
    all.filter((line) => SECTION.test(line)).map((line) => ({ field, key, message: `custom setting "${line}" would begin another section of the configuration`, hint: field === 'route' ? 'a service has lines for its own backend alone' : 'a balancer has lines for defaults and global alone' }));
  return [...lines('route', 'balancer', route?.customSettings), ...lines('balancer', 'load_balancer', [...(balancer?.customSettings ?? []), ...(balancer?.globalSettings ?? [])])];
}

/** Two services that claim the same of one balancer, and one that claims what the balancer has itself. */
function claimBreaches(stack: StackSpec): readonly Breach[] {
  const taken = new Map<string, { readonly claim: Claim; readonly owner: string }[]>();
  return Object.entries(stack.services).flatMap(([name, spec]) => [...new Set(spec.links.map(({ service }) => service))].flatMap((balancer): readonly Breach[] => {
    const known = ownService(balancer, stack)?.balancer;
    const route = spec.route ?? (known === undefined ? undefined : defaultRoute(spec));
    if (route === undefined) return [];
    const own = known === undefined ? [] : ownClaims(known);
    return claimsOf(route).flatMap((claim) => {
      const what = `${balancer} ${claim.what}`;
      const others = taken.get(what) ?? [];
      taken.set(what, [...others, { claim, owner: name }]);
      if (own.some((one) => one.what === claim.what)) return [{ service: name, ...CLAIM, message: `${claim.what} of ${balancer} is its own`, hint: 'external_port: another' }];
      const other = others.find((one) => !mayShare(one.claim, claim));
      return other === undefined ? [] : [{ service: name, ...CLAIM, message: `services "${other.owner}" and "${name}" both claim ${claim.what} of ${balancer}`, hint: 'another host or path for one of them, or a weight for both' }];
    });
  }));
}

const CLAIM = { field: 'route', key: 'balancer' } as const;

function ownService(full: string, { name, services }: StackSpec): ServiceSpec | undefined {
  const id = parseService(full);
  return id?.stack === name && Object.hasOwn(services, id.service) ? services[id.service] : undefined;
}

/** Services that are linked to each other in a circle have no order to be deployed in. */
function circles({ name: stack, services }: StackSpec): readonly Breach[] {
  const done = new Set<string>();
  const found: Breach[] = [];
  const visit = (name: string, chain: readonly string[]): void => {
    if (chain.includes(name)) found.push({ service: name, field: 'links', key: 'links', message: `services are linked in a circle: ${[...chain.slice(chain.indexOf(name)), name].join(' → ')}` });
    if (done.has(name) || chain.includes(name) || chain.length > 500) return;
    for (const { service } of services[name]?.links ?? []) {
      const target = parseService(service);
      if (target?.stack === stack) visit(target.service, [...chain, name]);
    }
    done.add(name);
  };
  for (const name of Object.keys(services)) visit(name, []);
  return found;
}
