import {
  type CertificateBody, type CertificateRequestBody, type CertificateWish, type Change, drop, earliest, type Instant, isSame, later, type OrderBody, type OrderWanted, type Plan, put, type RenewalBody,
} from '../../src/model/index.js';
import type { View } from '../../src/ports/index.js';
import { renewalOf, retryMs, warningOf } from './moments.js';
import { askedByRoute } from './routes.js';

/** Decides what is due of a certificate, which somebody requested, or imported. */
export function plan(name: string, view: View, now: Instant): Plan<Change> {
  const before = view.get('Renewal', name)?.body;
  const request = view.get('CertificateRequest', name)?.body ?? askedByRoute(name, before, view);
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
  const order = view.get('Order', name)?.body;
  const number = 1 + Math.max(...[before?.order, order].map((one) => one?.number ?? 0));
  if (before?.order === undefined) return firstOf(number, request, { name, view, now });
  const last = before.order;
  if (last.asked !== request.asked || !isSame(wishOf(last), wishOf(request))) return ordered(number, request, 0, 'requested anew');
  if (!isOver(last, order)) return { renewal: before, why: '' };

  const { failures, nextAt, why, whyNext } = order.phase === 'failed' ? afterFailure(before, order, request.lot) : afterIssue(view.get('Certificate', name)?.body, order, request.lot);
  return now >= nextAt ? ordered(number, request, failures, whyNext) : { renewal: { order: last, failures, nextAt }, why };
}

/** What a route asks for lies in the vault already where somebody imported it: then it is kept until it is due. */
function firstOf(number: number, request: CertificateRequestBody, { name, view, now }: Omit<Means, 'before'>): Due {
  const kept = view.get('Certificate', name)?.body;
  const nextAt = kept === undefined || view.get('CertificateRequest', name) !== undefined ? now : renewalOf(kept, request.lot);
  return now >= nextAt ? ordered(number, request, 0, 'requested') : { renewal: { failures: 0, nextAt }, why: 'imported, and renewed when two thirds of its life are over' };
}

/** When the next order begins, and why. */
interface Next {
  readonly failures: number;
  readonly nextAt: Instant;
  readonly why: string;
  readonly whyNext: string;
}

/** A failure is counted once, when it is heard of. */
function afterFailure({ failures: before, nextAt }: RenewalBody, { since, reason = '' }: OrderBody, lot: number): Next {
  const failures = nextAt === undefined ? before + 1 : before;
  return { failures, nextAt: nextAt ?? later(since, retryMs(failures, lot)), why: `it failed: ${reason}`, whyNext: 'tried again' };
}

/** One that was issued and is gone all the same is ordered again at once. */
const afterIssue = (certificate: CertificateBody | undefined, { since }: OrderBody, lot: number): Next =>
  ({ failures: 0, nextAt: certificate === undefined ? since : renewalOf(certificate, lot), why: 'issued', whyNext: 'two thirds of its life are over' });

const isOver = ({ number }: OrderWanted, order: OrderBody | undefined): order is OrderBody => order?.number === number && (order.phase === 'issued' || order.phase === 'failed');

const ordered = (number: number, request: CertificateRequestBody, failures: number, why: string): Due =>
  ({ renewal: { order: { number, asked: request.asked, ...wishOf(request) }, failures }, why });

function wishOf({ names, challenge, directory, email, binding, answerOn }: CertificateWish): CertificateWish {
  return { names, challenge, directory, ...(email === undefined ? {} : { email }), ...(binding === undefined ? {} : { binding }), answerOn };
}

/** Of a certificate of which nothing is due, nothing is recorded. */
function stepsOf(name: string, before: RenewalBody | undefined, next: RenewalBody, why: string): readonly Change[] {
  if (next.order === undefined && next.nextAt === undefined && !next.endsSoon) return before === undefined ? [] : [drop('Renewal', name, 'nothing is due of it any more')];
  if (before !== undefined && isSame(before, next)) return [];
  return [put('Renewal', name, next, before?.endsSoon !== true && next.endsSoon ? 'it ends soon' : why)];
}
