/** Says which services stand behind which balancer, and who has what two of them claim. */
import { parseServiceRevision } from '../../src/model/index.js';
import type { View } from '../../src/ports/index.js';
import type { Controller } from '../../src/reconcile/index.js';
import { plan } from './plan.js';

/** Subject: a balancer. Reads: Service, Certificate, Route. Writes: Route. */
export const loadBalancer: Controller = {
  name: 'load-balancer',
  watches: {
    Service: (name, view) => balancersConcerned(name, view),
    Route: (name) => [name.slice(0, name.indexOf(':'))],
    Certificate: (_name, view) => [...new Set(view.list('Route').flatMap(({ body }) => (body.spec.tls === 'auto' ? [body.balancer] : [])))],
  },
  subjects: (view) => [
    ...new Set([
      ...view.list('Service').flatMap(({ name, body }) => (body.spec.balancer === undefined ? [] : (parseServiceRevision(name)?.service ?? []))),
      ...view.list('Route').map(({ body }) => body.balancer),
    ]),
  ],
  plan,
};

/** Itself, those that it links to, and those that serve it so far. */
function balancersConcerned(revision: string, view: View): readonly string[] {
  const service = parseServiceRevision(revision)?.service;
  if (service === undefined) return [];
  const links = view.get('Service', revision)?.body.spec.links ?? [];
  const serving = view.list('Route').filter(({ body }) => body.service === service);
  return [...new Set([service, ...links.map((link) => link.service), ...serving.map(({ body }) => body.balancer)])];
}
