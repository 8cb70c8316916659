import { type BalancerSpec, DEFAULT_DIRECTORY, isInVault, isMadeOutTo, type RouteBody, type VaultRef } from '../../src/model/index.js';
import type { View } from '../../src/ports/index.js';

type Settled = Pick<RouteBody, 'spec' | 'isServed' | 'reason'>;

/**
 * A route that says `tls: auto`, with the certificates of its hosts that are there, and whom to ask for them. What the balancer
 * shows a certificate of its own for is not asked for. Nobody is sent to https before all hosts have one.
 */
export function certified(settled: Settled, { certificates: own, authority }: BalancerSpec, view: View): Settled & Pick<RouteBody, 'asks'> {
  const { spec, isServed } = settled;
  if (!isServed || spec.mode !== 'http' || spec.tls !== 'auto') return settled;
  const shown = own.flatMap((told) => (isInVault(told) && told.kind === 'Certificate' ? (view.get('Certificate', told.name)?.body.names ?? []) : []));
  const hosts = spec.hosts.filter((host) => !isMadeOutTo(shown, host));
  const certificates = hosts.flatMap((name): readonly VaultRef[] => {
    const kept = view.get('Certificate', name)?.body;
    return kept === undefined ? [] : [{ kind: 'Certificate', name, version: kept.version }];
  });
  const isComplete = certificates.length === hosts.length;
  return {
    ...settled,
    spec: { ...spec, ...(certificates.length === 0 ? {} : { certificates }), redirectsToHttps: spec.redirectsToHttps && isComplete },
    ...(hosts.length === 0 ? {} : { asks: { ...(authority ?? { directory: DEFAULT_DIRECTORY }), hosts } }),
  };
}
