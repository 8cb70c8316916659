import { generateKeyPairSync } from 'node:crypto';
import { drop, put, versionName } from '../model/index.js';
import type { Author, CertificateVault } from '../ports/index.js';
import { splitBundle } from './certificates.js';
import { keep, readySealed, readSecret, sealing, writeIssued } from './vault.js';
import type { VaultMeans } from './vault-means.js';

/** Stands in the history beside what is kept for orders. */
const ACTOR = 'acme';

/** The vault as ordering certificates sees it. */
export function certificateVault(means: VaultMeans): CertificateVault {
  const { store, vault } = means;
  const author = (grid: string): Author => ({ writer: 'api', grid, actor: ACTOR });
  return {
    async privateKey(grid, name) {
      const item = { kind: 'PrivateKey', name } as const;
      if (store.view(grid).get('PrivateKey', name) === undefined) {
        const made = { ...readySealed(vault, grid, item, newKey()), bodyOf: (body: Parameters<typeof put<'PrivateKey'>>[2]) => put('PrivateKey', name, body, 'made to order a certificate') };
        await store.update(author(grid), (view) => {
          if (view.get('PrivateKey', name) !== undefined) return { steps: [] };
          const kept = keep(made, view);
          return { ...kept, sealed: sealing([kept], store.sealedNames(grid), view) };
        });
      }
      return vault.read(grid, item, store.view(grid).get('PrivateKey', name)?.body.version ?? 0);
    },
    async forgetKeys(grid, prefix, except) {
      await store.update(author(grid), (view) => {
        const over = view.list('PrivateKey', prefix).filter(({ name }) => name !== except);
        return {
          steps: over.map(({ name }) => drop('PrivateKey', name, 'its order is over')),
          sealed: over.map(({ name, body }) => ({ name: versionName({ kind: 'PrivateKey', name }, body.version), bytes: undefined })),
        };
      });
    },
    async keep(grid, subject, { text, privateKey }) {
      const { certificate, chain } = splitBundle(text);
      await writeIssued(means, author(grid), { certificate, chain, privateKey }, subject);
    },
    secret: (grid, name) => readSecret(means, grid, name),
  };
}

/** P-256, PKCS #8 PEM. */
const newKey = (): string => generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
