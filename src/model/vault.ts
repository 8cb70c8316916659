import { isInVault, type Told, type VaultRef } from './balancing.js';
import type { CertificateRef, SecretRef, ServiceSpec } from './service.js';
import type { Instant } from './time.js';

/** What people keep in the vault, by kind and name: a secret, or a certificate with its private key. */
export interface VaultItem {
  readonly kind: 'Secret' | 'Certificate';
  readonly name: string;
}

/** The kinds of all that is sealed there: of a `PrivateKey` the master alone knows. */
export const SEALED_KINDS = ['Secret', 'Certificate', 'PrivateKey', 'Registry'] as const;

/** Whatever the vault keeps. */
export interface SealedItem {
  readonly kind: (typeof SEALED_KINDS)[number];
  readonly name: string;
}

/** Name: the secret's. The sealed value lives outside the history. */
export interface SecretBody {
  readonly version: number;
  /** Keyed digest of the value, in hex: tells whether it changed, not what it is. */
  readonly digest: string;
}

/** Name: the subject, e.g. `example.com`. The sealed bundle (certificate, chain, private key) lives outside the history. */
export interface CertificateBody {
  readonly version: number;
  /** Keyed digest of the bundle, in hex. */
  readonly digest: string;
  /** Every name it is made out to, the subject's own first. */
  readonly names: readonly string[];
  readonly expiresAt: Instant;
  /** When its life begins; absent in older records. */
  readonly startsAt?: Instant;
}

/** Name: `account/…`, with an authority; `order/example.com#7`, of a certificate while it is ordered. The sealed key lives outside the history. */
export interface PrivateKeyBody {
  readonly version: number;
  /** Keyed digest of the key, in hex. */
  readonly digest: string;
}

/** Name: its host, `registry.example.com:5000`. How the grid's nodes ask it for images; the password is sealed outside the history. */
export interface RegistryBody {
  readonly version: number;
  /** Keyed digest of user and password, in hex. */
  readonly digest: string;
  readonly user: string;
}

/** One use of something in the vault by a service. */
export interface VaultUse extends VaultItem {
  readonly version: number | undefined;
  /** Name of the environment variable or file that holds it. */
  readonly as: string;
  readonly type: SecretRef['type'];
}

/** Letters, digits, `_`, `-` and `.`; begins with a letter, a digit or `_`; at most 200 characters. */
export const isSecretName = (text: string): boolean => /^\w[\w.-]{0,199}$/.test(text);

/** A name that a certificate is made out to: `example.com` or `*.example.com`. */
export const isDomainName = (text: string): boolean => text.length <= 253 && /^(\*\.)?[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?)*$/.test(text);

/** Whether who asks for a host may be shown a certificate that is made out to these names: a wildcard stands for one label. */
export const isMadeOutTo = (names: readonly string[], host: string): boolean => names.includes(host) || names.includes(host.replace(/^[^.]+/, '*'));

/** The longest value in bytes: one entry of an environment, its name and an end included, has at most 128 KiB on Linux. */
export const LONGEST_SECRET_BYTES = 127 * 1024;

/** What the containers of a service open, secrets before certificates, in the order declared. */
export const vaultUses = ({ secrets, certificates }: Pick<ServiceSpec, 'secrets' | 'certificates'>): readonly VaultUse[] => [
  ...secrets.map(({ secret, name, type, version }): VaultUse => ({ kind: 'Secret', name: secret, version, as: name, type })),
  ...certificates.map(({ subject, name, type, version }: CertificateRef): VaultUse => ({ kind: 'Certificate', name: subject, version, as: name, type })),
];

/** What balancers open: because of it where it is served, and itself where it is one. */
export const balancingUses = ({ route, balancer }: { readonly route?: ServiceSpec['route'] | undefined; readonly balancer?: ServiceSpec['balancer'] | undefined }): readonly VaultRef[] =>
  [route?.basicAuth, ...(route?.certificates ?? []), ...(balancer === undefined ? [] : [...balancer.certificates, balancer.stats.password])].filter((told): told is VaultRef => told !== undefined && isInVault(told));

/** All that is opened because of a service, wherever. */
export const opened = (spec: Pick<ServiceSpec, 'secrets' | 'certificates' | 'route' | 'balancer'>): readonly VaultRef[] => [
  ...vaultUses(spec).map(({ kind, name, version }) => ({ kind, name, ...(version === undefined ? {} : { version }) })),
  ...balancingUses(spec),
];

/** Under which one version is kept and told: `Secret/db-password@3`. */
export const versionName = ({ kind, name }: SealedItem, version: number): string => `${kind}/${name}@${String(version)}`;

/** In words: `secret db-password`. */
export const itemInWords = ({ kind, name }: SealedItem): string => `${kind.toLowerCase()} ${name}`;

/** A service that says which version of each secret and certificate is opened because of it: of what its containers open, a new version is a new revision. */
export function withVersions(spec: ServiceSpec, versionOf: (item: VaultItem) => number | undefined): ServiceSpec {
  if (opened(spec).length === 0) return spec;
  const versionIn = (item: VaultItem): { readonly version?: number } => {
    const version = versionOf(item);
    return version === undefined ? {} : { version };
  };
  const told = (one: Told): Told => (isInVault(one) ? { kind: one.kind, name: one.name, ...versionIn(one) } : one);
  const { route, balancer } = spec;
  return {
    ...spec,
    secrets: spec.secrets.map(({ secret, name, type }) => ({ secret, name, type, ...versionIn({ kind: 'Secret', name: secret }) })),
    certificates: spec.certificates.map(({ subject, name, type }) => ({ subject, name, type, ...versionIn({ kind: 'Certificate', name: subject }) })),
    ...(route?.basicAuth === undefined ? {} : { route: { ...route, basicAuth: told(route.basicAuth) } }),
    ...(balancer === undefined
      ? {}
      : { balancer: { ...balancer, certificates: balancer.certificates.map(told), stats: { ...balancer.stats, ...(balancer.stats.password === undefined ? {} : { password: told(balancer.stats.password) }) } } }),
  };
}
