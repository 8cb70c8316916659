import { type CertificateWish, isoTime, type OrderBody, recordOf, type RenewalBody } from '../../model/index.js';
import type { View } from '../../ports/index.js';
import { defined } from '../defined.js';
import { usersOf } from '../vault-users.js';
import { namesOf, resource, type Shape } from './resource.js';

const itself = (name: string): readonly string[] => [name];

/** Certificates, without their keys: those that are there, and those that were requested, by people or because a route needs them. */
export const certificates: Shape = {
  names: (view) => [...new Set([...namesOf(view, 'Certificate'), ...namesOf(view, 'CertificateRequest'), ...view.list('Renewal').flatMap(({ name, body }) => (body.order === undefined ? [] : [name]))])].sort(),
  describe: (view, name) => {
    const entry = view.get('Certificate', name) ?? view.get('CertificateRequest', name) ?? view.get('Renewal', name);
    const kept = view.get('Certificate', name)?.body;
    const wish = wishFor(name, view);
    const names = kept?.names ?? wish?.names;
    if (entry === undefined || names === undefined) return undefined;
    return resource('Certificate', view.grid, entry, {
      spec: { names, expiresAt: kept === undefined ? undefined : isoTime(kept.expiresAt), ...(wish === undefined ? {} : { challenge: wish.challenge, directory: wish.directory, answerOn: wish.answerOn }) },
      status: { version: kept?.version, usedBy: usersOf({ kind: 'Certificate', name }, view), ...orderingOf(name, view) },
    });
  },
  // Whatever the stack opens, or opened before: its list of users may be another.
  watches: { Certificate: itself, CertificateRequest: itself, Renewal: itself, Order: itself, Stack: () => 'all' },
};

/** What is asked of an authority: by somebody, or else because a route needs it. */
const wishFor = (name: string, view: View): (CertificateWish & { readonly asked: number }) | undefined => view.get('CertificateRequest', name)?.body ?? view.get('Renewal', name)?.body.order;

/** What is tried to have one, when it is tried next, and what stands in the way. */
export function orderingOf(name: string, view: View): Readonly<Record<string, unknown>> {
  const renewal = view.get('Renewal', name)?.body;
  const wish = wishFor(name, view);
  const endsSoon = renewal?.endsSoon === true ? true : undefined;
  if (wish === undefined) return { phase: 'imported', endsSoon };
  const underWay = view.get('Certificate', name) === undefined ? 'ordering' : 'renewing';
  const wanted = renewal?.order;
  if (renewal === undefined || wanted?.asked !== wish.asked) return { phase: underWay, endsSoon }; // the next order is about to begin
  return { ...waitingOf(renewal, underWay), endsSoon, ...progressOf(wanted.number, view.get('Order', name)?.body) };
}

/** The phase, and when it is another. */
function waitingOf({ failures, nextAt }: RenewalBody, underWay: string): Readonly<Record<string, unknown>> {
  if (nextAt === undefined) return { phase: underWay, failures: failures === 0 ? undefined : failures };
  return failures === 0 ? { phase: 'issued', nextAt: isoTime(nextAt) } : { phase: 'failed', failures, nextAt: isoTime(nextAt) };
}

function progressOf(current: number, order: OrderBody | undefined): Readonly<Record<string, unknown>> {
  if (order?.number !== current) return {};
  const { number, phase, since, url, setbacks, reason, nextAt } = order;
  const records = phase === 'proving' && !order.isShown ? recordsOf(order) : [];
  const wanted = records.map((record) => `${record.name} TXT ${record.value}`).join(', and for ');
  return {
    ...(nextAt === undefined ? {} : { nextAt: isoTime(nextAt) }),
    ...(records.length === 0 ? {} : { records }),
    reason: reason ?? (wanted === '' ? undefined : `waits for the record ${wanted}`),
    order: defined({ number, phase, since: isoTime(since), url, setbacks }),
  };
}

/** What people, or a program, are to put into their DNS. */
const recordsOf = ({ proofs }: Pick<OrderBody, 'proofs'>): readonly { readonly name: string; readonly type: 'TXT'; readonly value: string }[] =>
  proofs.filter(({ challenge }) => challenge === 'dns-01').map((proof) => ({ name: recordOf(proof), type: 'TXT', value: proof.answer }));
