/** Says which certificate is ordered and when: for the first time, before its end, and again after a failure. */
import type { Controller } from '../../src/reconcile/index.js';
import { plan } from './plan.js';

const itself = (name: string): readonly string[] => [name];

/** Subject: a certificate. Reads: CertificateRequest, Certificate, Order, Renewal. Writes: Renewal. */
export const certificates: Controller = {
  name: 'certificates',
  watches: { CertificateRequest: itself, Certificate: itself, Order: itself, Renewal: itself },
  subjects: (view) => [...new Set((['CertificateRequest', 'Certificate', 'Renewal'] as const).flatMap((kind) => view.list(kind).map(({ name }) => name)))],
  plan,
};
