import { elapsedMs, type Instant, later, type Millis, type OrderBody, type OrderPhase, type OrderWanted } from '../model/index.js';
import type { CertificateAuthority, CertificateVault, ProofShower } from '../ports/index.js';

/** The certificate that is ordered, and with what. */
export interface Ordering {
  readonly grid: string;
  /** `example.com`. */
  readonly subject: string;
  readonly wanted: OrderWanted;
  readonly order: OrderBody;
  readonly now: Instant;
  readonly authority: CertificateAuthority;
  readonly vault: CertificateVault;
  readonly shower: ProofShower;
}

/** What a step came to: what is recorded of the order, and when to look again even if that is nothing new. */
export interface Stepped {
  readonly order: OrderBody;
  readonly lookAt?: Instant;
}

type Over = 'issued' | 'failed';

/**
 * One step from each phase. The master may end before, within and after each of them: what a step finds done already, it finds by
 * asking the authority, whose order is known by its address since it was placed.
 */
export const STEPS: { readonly [P in Exclude<OrderPhase, Over>]: (ordering: Ordering) => Promise<Stepped> } = { placing, proving, finishing };

/** Whether nothing is left to be done. */
export const isOver = (phase: OrderPhase): phase is Over => phase === 'issued' || phase === 'failed';

/** From where the master is it cannot always be seen what the authority sees: after so long it is let look anyhow, */
const UNSEEN_MS: Millis = 10_000;
/** and where the name cannot even be looked up, after as long as nodes need to hear of it. */
const UNKNOWN_MS: Millis = 2_000;

async function placing({ authority, wanted, order, now }: Ordering): Promise<Stepped> {
  return { order: next(order, 'proving', now, { url: await authority.place(wanted.names) }) };
}

async function proving(ordering: Ordering): Promise<Stepped> {
  const { authority, wanted, order, now } = ordering;
  const { status, proofs, reason } = await authority.look(urlOf(order), wanted.challenge);
  if (status === 'invalid') return { order: failed(order, now, reason) };
  if (status !== 'pending') return { order: next(order, 'finishing', now, { url: urlOf(order), proofs: order.proofs }) };
  if (order.isShown) return { order, lookAt: soon(order, now) };
  if (order.proofs.length === 0 && proofs.length > 0) return { order: { ...order, proofs } };
  if (!(await areSeen(ordering))) return { order, lookAt: soon(order, now) };
  for (const proof of proofs) await authority.show(proof);
  return { order: { ...order, isShown: true } };
}

async function areSeen({ shower, order, now }: Ordering): Promise<boolean> {
  for (const proof of order.proofs) {
    await shower.show(proof);
    const isSeen = await shower.isSeen(proof);
    if (isSeen === true) continue;
    // A record that is missing stays missing until somebody makes it; a node only needs its time.
    if (proof.challenge === 'dns-01' || elapsedMs(order.since, now) < (isSeen === 'unknown' ? UNKNOWN_MS : UNSEEN_MS)) return false;
  }
  return true;
}

async function finishing({ authority, vault, grid, subject, wanted, order, now }: Ordering): Promise<Stepped> {
  const url = urlOf(order);
  const { status, reason } = await authority.look(url, wanted.challenge);
  if (status === 'invalid') return { order: failed(order, now, reason) };
  const privateKey = await vault.privateKey(grid, orderKey(subject, wanted.number));
  if (status === 'valid') {
    await vault.keep(grid, subject, { text: await authority.fetch(url), privateKey });
    return { order: next(order, 'issued', now, { url, proofs: order.proofs }) };
  }
  if (status === 'ready') await authority.finish(url, { names: wanted.names, privateKey });
  return { order, lookAt: soon(order, now) };
}

/** The keys of a certificate's orders begin so. */
export const orderKeys = (subject: string): string => `order/${subject}#`;
export const orderKey = (subject: string, number: number): string => `${orderKeys(subject)}${String(number)}`;

/** An order of which the authority does not know yet. */
export const firstOf = ({ number, answerOn }: OrderWanted, now: Instant): OrderBody => ({ number, phase: 'placing', since: now, proofs: [], answerOn, isShown: false });

/** As it was, but in another phase: whatever stood in the way does so no more. */
const next = ({ number, answerOn }: OrderBody, phase: OrderPhase, now: Instant, over: Partial<Pick<OrderBody, 'url' | 'proofs' | 'reason'>>): OrderBody =>
  ({ number, phase, since: now, proofs: [], answerOn, isShown: false, ...over });

/** Given up: what was shown is kept until it is hidden. */
export const failed = (order: OrderBody, now: Instant, reason = 'the authority gives no reason'): OrderBody =>
  next(order, 'failed', now, { proofs: order.proofs, reason });

function urlOf({ url }: OrderBody): string {
  if (url === undefined) throw new RangeError('an order without an address was not placed');
  return url;
}

/** The longer it takes, the more seldom it is looked at: each second at first, each half minute at last. */
const soon = ({ since }: OrderBody, now: Instant): Instant => later(now, Math.min(Math.max(elapsedMs(since, now) / 10, 1_000), 30_000));
