import { isDomainName, nearest } from '../../model/index.js';
import { validateBalancer, validateLoadBalancer } from '../gen/validate-file.js';
import type { Balancer, Service } from '../gen/stack-file.js';
import { environmentItems } from '../service/environment.js';
import { assignmentOf } from '../service/units.js';
import type { Mistakes, Path } from '../text/mistakes.js';
import { child, entriesOf, isList, placeOf, textOf, type Node } from '../text/node.js';
import { findings } from '../text/schema-mistakes.js';
import type { Place } from '../text/source.js';
import { balancerKeys, isBalancer, routeKeys } from './spec.js';
import { balancerVariables, knownVariables, routeVariables, unknownVariables } from './variables.js';

/** Says what an original would have let pass and a master refuses. */
type Breach = (at: Place | undefined, path: Path, message: string, hint: string | undefined) => void;

/** What the schema cannot say of a service before or behind a balancer. `merged`: with all that it extends. */
export function checkBalancing(name: string, service: Service, merged: Node, { mistakes, breach }: { readonly mistakes: Mistakes; readonly breach: Breach }): void {
  const path = ['services', name];
  const isOne = isBalancer(service);
  checkVariables({ service, merged, path }, breach);
  warnOfUnknown({ service, merged, path }, isOne, mistakes);
  if (service.load_balancer !== undefined && !isOne) {
    mistakes.error(placeOf(merged, ['load_balancer'], true), [...path, 'load_balancer'], `load_balancer says how a balancer serves, and service "${name}" is none`, { hint: 'balancer: says how it is served; a balancer has image: kontena/lb, or role: load-balancer' });
  }
  if (!isOne) checkCertificates({ service, merged, path }, mistakes);
  if (service.balancer !== undefined) checkKeys(name, { service, merged, path }, mistakes);
}

interface InFile {
  readonly service: Service;
  readonly merged: Node;
  readonly path: Path;
}

/** Values of the environment, by the rules of the keys that say the same. */
function checkVariables({ service, merged, path }: InFile, breach: Breach): void {
  const isOne = isBalancer(service);
  const { keys, from } = isOne ? balancerVariables(service) : routeVariables(service);
  if (Object.keys(keys).length === 0) return;
  const validate = isOne ? validateLoadBalancer : validateBalancer;
  if (validate(isOne ? balancerKeys(service) : routeKeys(service))) return;
  for (const { path: [key = ''], message, hint } of findings(validate.errors ?? [], 'a balancer')) {
    const name = from[String(key)];
    if (name !== undefined) breach(placeOfVariable(name, merged), [...path, 'environment', name], `${name} ${message}`, hint);
  }
}

function warnOfUnknown({ service, merged, path }: InFile, isOne: boolean, mistakes: Mistakes): void {
  for (const name of unknownVariables(service, isOne)) {
    const known = knownVariables(isOne);
    const near = nearest(name, known);
    const hint = near === undefined ? `known are ${known.join(', ')}` : `did you mean ${near}?`;
    mistakes.warn(placeOfVariable(name, merged), [...path, 'environment', name], `${name} has no effect: it is no variable of ${isOne ? 'a balancer' : 'a service that is balanced'}`, { hint });
  }
}

/** Containers are given a certificate under a name; only a balancer knows by itself what to do with one. */
function checkCertificates({ service: { certificates = [] }, merged, path }: InFile, mistakes: Mistakes): void {
  for (const [index, one] of certificates.entries()) {
    if (typeof one === 'string') mistakes.error(placeOf(merged, ['certificates', index]), [...path, 'certificates', index], 'must be a mapping', { hint: `{subject: ${one}, name: SSL_CERTS, type: env}; a name alone is enough of a balancer` });
  }
}

/** Where a variable of the environment, or a secret of that name, stands. */
function placeOfVariable(name: string, merged: Node): Place | undefined {
  const secrets = child(merged, 'secrets');
  return environmentItems(child(merged, 'environment')).find((item) => assignmentOf(textOf(item) ?? '')[0] === name)?.at
    ?? (isList(secrets) ? secrets.items.find((item) => textOf(child(item, 'name')) === name)?.at : undefined);
}

const linksToAny = ({ links, depends_on: dependsOn }: Service): boolean => (links ?? []).length + (dependsOn ?? []).length > 0;

/** Keys that say something of one mode alone. */
const OF_MODE = {
  http: ['path', 'keep_path', 'cookie', 'basic_auth', 'protocol', 'redirect_to_https', 'hsts', 'maintenance', 'error_pages', 'compression'],
  tcp: ['external_port'],
} as const;

function checkKeys(name: string, { service, merged, path }: InFile, mistakes: Mistakes): void {
  const where = [...path, 'balancer'];
  if (!linksToAny(service)) {
    mistakes.error(placeOf(merged, ['balancer'], true), where, `service "${name}" is served by no balancer: it links to none`, { hint: 'links: [lb], or [STACK/SERVICE] for a balancer of another stack' });
  }
  const { mode = 'http', host, tls } = service.balancer ?? {};
  const other = mode === 'http' ? 'tcp' : 'http';
  for (const { key, keyAt } of entriesOf(child(merged, 'balancer'))) {
    if ((OF_MODE[other] as readonly string[]).includes(key)) mistakes.error(keyAt, [...where, key], `${key} says nothing with mode ${mode}`, { hint: `mode: ${other}, or leave it out` });
  }
  checkTls(service.balancer ?? {}, { merged, where }, mistakes);
  if (mode === 'tcp' && host !== undefined && tls === undefined) {
    mistakes.error(placeOf(merged, ['balancer', 'host'], true), [...where, 'host'], 'host says nothing with mode tcp unless TLS says which one is asked for', { hint: 'tls: passthrough, or tls: terminate' });
  }
}

/** What cannot be so of `tls`: authorities look at hosts by http alone, each by its name. */
function checkTls({ mode = 'http', tls, host }: Partial<Balancer>, { merged, where }: { readonly merged: Node; readonly where: Path }, mistakes: Mistakes): void {
  const fault = (key: string, message: string, hint: string): void => mistakes.error(placeOf(merged, ['balancer', key], true), [...where, key], message, { hint });
  if (tls === undefined) return;
  if ((mode === 'http') !== (tls === 'auto')) {
    fault('tls', `tls: ${tls} says nothing with mode ${mode}`, mode === 'http' ? 'tls: auto, mode: tcp, or leave it out' : 'tls: terminate, or tls: passthrough');
    return;
  }
  if (tls !== 'auto') return;
  const hosts = [host ?? []].flat();
  const wrong = hosts.find((one) => !isDomainName(one) || !one.includes('.') || one.startsWith('*.'));
  if (hosts.length === 0) fault('tls', 'tls: auto needs hosts: a certificate is made out to them', 'host: shop.example.com');
  else if (wrong !== undefined) fault('host', `no authority issues a certificate for ${wrong} by itself`, wrong.startsWith('*.') ? `kontenactl certificate request '${wrong}', and certificates: of the balancer` : 'a name that the world knows; like shop.example.com');
}
