import { isOwnAuthority } from '../model/index.js';
import type { Authority, CertificateAuthority, OpenAuthority } from '../ports/index.js';
import { openAuthority } from './authority.js';

/** Authorities over the network, and the master's own beside them. */
export function openAuthorities(own: Pick<Authority, 'certifyServer'>): OpenAuthority {
  const ours = ownAuthority(own);
  return (account) => (isOwnAuthority(account.directory) ? Promise.resolve(ours) : openAuthority(account));
}

/** Its orders are ready as soon as they are placed, and lost with this process: then they are finished once more. */
function ownAuthority({ certifyServer }: Pick<Authority, 'certifyServer'>): CertificateAuthority {
  const issued = new Map<string, string>();
  return {
    place: (names) => Promise.resolve(`master:${names.join(',')}`),
    look: (order) => Promise.resolve({ status: issued.has(order) ? 'valid' : 'ready', proofs: [] }),
    show: () => Promise.resolve(),
    finish: async (order, { names, privateKey }) => void issued.set(order, await certifyServer(names, privateKey)),
    fetch: (order) => {
      const certificate = issued.get(order) ?? '';
      issued.delete(order);
      return Promise.resolve(certificate);
    },
  };
}
