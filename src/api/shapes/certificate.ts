import { isoTime, type OrderBody, recordOf, type RenewalBody } from '../../model/index.js';
import type { View } from '../../ports/index.js';
import { defined } from '../defined.js';
import { usersOf } from '../vault-users.js';
import { namesOf, resource, type Shape } from './resource.js';

const itself = (name: string): readonly string[] => [name];

/** Certificates, without their keys: those that are there, and those that were requested. */
export const certificates: Shape = {
  names: (view) => [...new Set([...namesOf(view, 'Certificate'), ...namesOf(view, 'CertificateRequest')])].sort(),
  describe: (view, name) => {
    const kept = view.get('Certificate', name);
    const request = view.get('CertificateRequest', name);
    const entry = kept ?? request;
    if (entry === undefined) return undefined;
    const expiresAt = kept?.body.expiresAt;
    return resource('Certificate', view.grid, entry, {
      spec: {
        names: entry.body.names, expiresAt: expiresAt === undefined ? undefined : isoTime(expiresAt),
        ...(request === undefined ? {} : { challenge: request.body.challenge, directory: request.body.directory, answerOn: request.body.answerOn }),
      },
      status: { version: kept?.body.version, usedBy: usersOf({ kind: 'Certificate', name }, view), ...orderingOf(name, view) },
    });
  },
  // Whatever the stack opens, or opened before: its list of users may be another.
  watches: { Certificate: itself, CertificateRequest: itself, Renewal: itself, Order: itself, Stack: () => 'all' },
};

/** What is tried to have one, when it is tried next, and what stands in the way. */
function orderingOf(name: string, view: View): Readonly<Record<string, unknown>> {
  const renewal = view.get('Renewal', name)?.body;
  const wanted = renewal?.order;
  const endsSoon = renewal?.endsSoon === true ? true : undefined;
  const isThere = view.get('Certificate', name) !== undefined;
  const request = view.get('CertificateRequest', name)?.body;
  if (request === undefined) return { phase: 'imported', endsSoon };
  if (wanted?.asked !== request.asked) return { phase: isThere ? 'renewing' : 'ordering', endsSoon }; // the next order is about to begin
  const order = currentOrder(wanted.number, view.get('Order', name)?.body);
  const isUnderWay = renewal?.nextAt === undefined;
  const nextAt = renewal?.nextAt ?? order?.nextAt;
  const records = isUnderWay && order?.isShown === false ? recordsOf(order) : [];
  return {
    phase: phaseOf(renewal, isUnderWay, isThere),
    endsSoon,
    nextAt: nextAt === undefined ? undefined : isoTime(nextAt),
    failures: renewal?.failures === 0 ? undefined : renewal?.failures,
    reason: order?.reason ?? (records.length === 0 ? undefined : `waits for the record ${records.map(({ name: record, value }) => `${record} TXT ${value}`).join(', and for ')}`),
    records: records.length === 0 ? undefined : records,
    order: order === undefined ? undefined : defined({ number: order.number, phase: order.phase, since: isoTime(order.since), url: order.url, setbacks: order.setbacks }),
  };
}

const currentOrder = (number: number, order: OrderBody | undefined): OrderBody | undefined => (order?.number === number ? order : undefined);

function phaseOf(renewal: RenewalBody | undefined, isUnderWay: boolean, isThere: boolean): string {
  if (isUnderWay) return isThere ? 'renewing' : 'ordering';
  return renewal?.failures === 0 ? 'issued' : 'failed';
}

/** What people, or a program, are to put into their DNS. */
const recordsOf = ({ proofs }: OrderBody): readonly { readonly name: string; readonly type: 'TXT'; readonly value: string }[] =>
  proofs.filter(({ challenge }) => challenge === 'dns-01').map((proof) => ({ name: recordOf(proof), type: 'TXT', value: proof.answer }));
