import {
  type CertificateRequestBody, type CertificateWish, type Change, drop, earliest, type Instant, isSame, later, type OrderBody, type Plan, put, type RenewalBody,
} from '../../src/model/index.js';
import type { View } from '../../src/ports/index.js';
import { renewalOf, retryMs, warningOf } from './moments.js';

/** Decides what is due of a certificate, which somebody requested, or imported. */
export function plan(name: string, view: View, now: Instant): Plan<Change> {
  const before = view.get('Renewal', name)?.body;
  const request = view.get('CertificateRequest', name)?.body;
  const certificate = view.get('Certificate', name)?.body;
  const warnAt = certificate === undefined ? undefined : warningOf(certificate);
  const endsSoon = warnAt !== undefined && now >= warnAt;
  const due = request === undefined ? NOTHING_DUE : dueOf(request, { name, view, before, now });
  const next: RenewalBody = { ...due.renewal, endsSoon };
  return { steps: stepsOf(name, before, next, due.why), wakeAt: earliest(due.renewal.nextAt, endsSoon ? undefined : warnAt) };
}

interface Due {
  readonly renewal: Omit<RenewalBody, 'endsSoon'>;
  readonly why: string;
}

const NOTHING_DUE: Due = { renewal: { failures: 0 }, why: '' };

interface Means {
  readonly name: string;
  readonly view: View;
  readonly before: RenewalBody | undefined;
  readonly now: Instant;
}

function dueOf(request: CertificateRequestBody, { name, view, before, now }: Means): Due {
  const last = before?.order;
  const order = view.get('Order', name)?.body;
  const number = Math.max(last?.number ?? 0, order?.number ?? 0) + 1;
  if (before === undefined || last === undefined) return ordered(number, request, 0, 'requested');
  if (last.asked !== request.asked || !isSame(wishOf(last), wishOf(request))) return ordered(number, request, 0, 'requested anew');
  if (order === undefined || order.number !== last.number || !isOver(order)) return { renewal: before, why: '' };
  const hasFailed = order.phase === 'failed';
  const failures = hasFailed ? before.failures + (before.nextAt === undefined ? 1 : 0) : 0;
  const nextAt = hasFailed ? (before.nextAt ?? later(order.since, retryMs(failures, request.lot))) : renewalAfter(name, view, { order, lot: request.lot });
  if (now >= nextAt) return ordered(number, request, failures, hasFailed ? 'tried again' : 'two thirds of its life are over');
  return { renewal: { order: last, failures, nextAt }, why: hasFailed ? `it failed: ${order.reason ?? ''}` : 'issued' };
}

const isOver = ({ phase }: OrderBody): boolean => phase === 'issued' || phase === 'failed';

/** Of one that was issued and is gone all the same: at once. */
function renewalAfter(name: string, view: View, { order, lot }: { readonly order: OrderBody; readonly lot: number }): Instant {
  const certificate = view.get('Certificate', name)?.body;
  return certificate === undefined ? order.since : renewalOf(certificate, lot);
}

const ordered = (number: number, request: CertificateRequestBody, failures: number, why: string): Due =>
  ({ renewal: { order: { number, asked: request.asked, ...wishOf(request) }, failures }, why });

function wishOf({ names, challenge, directory, email, binding, answerOn }: CertificateWish): CertificateWish {
  return { names, challenge, directory, ...(email === undefined ? {} : { email }), ...(binding === undefined ? {} : { binding }), answerOn };
}

/** Of a certificate of which nothing is due, nothing is recorded. */
function stepsOf(name: string, before: RenewalBody | undefined, next: RenewalBody, why: string): readonly Change[] {
  if (next.order === undefined && !next.endsSoon) return before === undefined ? [] : [drop('Renewal', name, 'nothing is due of it any more')];
  if (before !== undefined && isSame(before, next)) return [];
  return [put('Renewal', name, next, before?.endsSoon !== true && next.endsSoon ? 'it ends soon' : why)];
}
