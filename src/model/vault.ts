import type { CertificateRef, SecretRef, ServiceSpec } from './service.js';

/** What the vault keeps, by kind and name: a secret, or a certificate with its private key. */
export interface VaultItem {
  readonly kind: 'Secret' | 'Certificate';
  readonly name: string;
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

/** The longest value in bytes: one entry of an environment, its name and an end included, has at most 128 KiB on Linux. */
export const LONGEST_SECRET_BYTES = 127 * 1024;

/** What a service opens, secrets before certificates, in the order declared. */
export const vaultUses = ({ secrets, certificates }: Pick<ServiceSpec, 'secrets' | 'certificates'>): readonly VaultUse[] => [
  ...secrets.map(({ secret, name, type, version }): VaultUse => ({ kind: 'Secret', name: secret, version, as: name, type })),
  ...certificates.map(({ subject, name, type, version }: CertificateRef): VaultUse => ({ kind: 'Certificate', name: subject, version, as: name, type })),
];

/** Under which one version is kept and told: `Secret/db-password@3`. */
export const versionName = ({ kind, name }: VaultItem, version: number): string => `${kind}/${name}@${String(version)}`;

/** In words: `secret db-password`. */
export const itemInWords = ({ kind, name }: VaultItem): string => `${kind.toLowerCase()} ${name}`;

/** A service that says which version of each secret and certificate it opens, so that a new version is a new revision of the service. */
export function withVersions(spec: ServiceSpec, versionOf: (item: VaultItem) => number | undefined): ServiceSpec {
  if (vaultUses(spec).length === 0) return spec;
  const versionIn = (item: VaultItem): { readonly version?: number } => {
    const version = versionOf(item);
    return version === undefined ? {} : { version };
  };
  return {
    ...spec,
    secrets: spec.secrets.map(({ secret, name, type }) => ({ secret, name, type, ...versionIn({ kind: 'Secret', name: secret }) })),
    certificates: spec.certificates.map(({ subject, name, type }) => ({ subject, name, type, ...versionIn({ kind: 'Certificate', name: subject }) })),
  };
}
