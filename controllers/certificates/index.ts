/** Says which certificate is ordered and when: for the first time, before its end, and again after a failure. */
import type { Controller } from '../../src/reconcile/index.js';
import { plan } from './plan.js';

const itself = (name: string): readonly string[] => [name];

/** Subject: a certificate. Reads: CertificateRequest, Route, Certificate, Order, Renewal. Writes: Renewal. */
export const certificates: Controller = {
  name: 'certificates',
  watches: {
    CertificateRequest: itself, Certificate: itself, Order: itself, Renewal: itself,
    // What it no longer asks for is among those of which something is due.
    Route: (name, view) => [...new Set([...(view.get('Route', name)?.body.asks?.hosts ?? []), ...view.list('Renewal').map((entry) => entry.name)])],
  },
  subjects: (view) => [
    ...new Set([...(['CertificateRequest', 'Certificate', 'Renewal'] as const).flatMap((kind) => view.list(kind).map(({ name }) => name)), ...view.list('Route').flatMap(({ body }) => body.asks?.hosts ?? [])]),
  ],
  plan,
};
