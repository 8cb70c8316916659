import { type Change, drop, type Instant, isRetryable, isSame, isoTime, later, messageOf, type Millis, type OrderBody, type OrderWanted, put } from '../model/index.js';
import type { AuthorityAccount, CertificateAuthority, CertificateVault, Changed, Clock, Log, OpenAuthority, ProofShower, Random, Store, View } from '../ports/index.js';
import { Loop } from '../reconcile/index.js';
import { retryAfterOf } from './problems.js';
import { failed, firstOf, isOver, orderKey, orderKeys, STEPS } from './steps.js';

export interface OrdersOptions {
  readonly store: Store;
  readonly vault: CertificateVault;
  readonly open: OpenAuthority;
  readonly shower: ProofShower;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
}

/** Orders under way at once: authorities limit how many requests they take. */
const WORKERS = 8;

/** After the first setback it is asked again so soon; each time after twice as long, */
const FIRST_SETBACK_MS: Millis = 2_000;
/** up to this. */
const LONGEST_SETBACK_MS: Millis = 15 * 60_000;

/** Carries out what Renewal says is to be ordered, and records in Order how far it is. */
export function keepOrders(options: OrdersOptions): { readonly idle: () => Promise<void>; readonly stop: () => Promise<void> } {
  const orders = new Orders(options);
  return { idle: () => orders.idle(), stop: () => orders.stop() };
}

class Orders {
  readonly #options: OrdersOptions;
  readonly #loop: Loop;
  readonly #unwatch: () => void;
  /** By grid and account. */
  readonly #authorities = new Map<string, Promise<CertificateAuthority>>();
  /** Of which certificates it was said that they end soon. */
  readonly #warned = new Set<string>();

  constructor(options: OrdersOptions) {
    this.#options = options;
    const { store, clock, random, log } = options;
    this.#loop = new Loop({
      clock, random, workers: WORKERS,
      onError: (subject, error) => log.error('an order could not be looked after', { subject, reason: messageOf(error) }),
      reconcile: (key) => this.#reconcile(key),
    });
    this.#unwatch = store.watch((changed) => changed.forEach((one) => this.#notice(one)));
    for (const grid of store.grids()) for (const kind of ['Renewal', 'Order'] as const) for (const { name } of store.view(grid).list(kind)) this.#notice({ grid, kind, name });
  }

  idle(): Promise<void> {
    return this.#loop.idle();
  }

  stop(): Promise<void> {
    this.#unwatch();
    return this.#loop.stop();
  }

  #notice({ grid, kind, name }: Changed): void {
    if (kind !== 'Renewal' && kind !== 'Order') return;
    this.#loop.enqueue(keyOf(grid, name));
    if (kind === 'Renewal') this.#warn(grid, name);
  }

  #warn(grid: string, name: string): void {
    const view = this.#options.store.view(grid);
    const expiresAt = view.get('Renewal', name)?.body.endsSoon === true ? view.get('Certificate', name)?.body.expiresAt : undefined;
    if (expiresAt === undefined) this.#warned.delete(keyOf(grid, name));
    else if (!this.#warned.has(keyOf(grid, name))) {
      this.#warned.add(keyOf(grid, name));
      this.#options.log.warn('a certificate ends soon', { grid, certificate: name, endsAt: isoTime(expiresAt) });
    }
  }

  async #reconcile(key: string): Promise<Instant | undefined> {
    const { grid, subject } = parseKey(key);
    const view = this.#options.store.view(grid);
    const wanted = wantedIn(view, subject);
    const known = view.get('Order', subject)?.body;
    if (known !== undefined && (known.number !== wanted?.number || isOver(known.phase))) await this.#end(grid, subject, known, wanted);
    if (wanted === undefined) return known === undefined ? undefined : this.#record(grid, subject, undefined, drop('Order', subject, 'nobody wants it any more'));
    if (known?.number !== wanted.number) return this.#record(grid, subject, wanted, put('Order', subject, firstOf(wanted, this.#options.clock.now()), 'begun'));
    return isOver(known.phase) ? undefined : this.#goOn(grid, subject, wanted, known);
  }

  async #goOn(grid: string, subject: string, wanted: OrderWanted, known: OrderBody): Promise<Instant | undefined> {
    const { clock } = this.#options;
    if (known.nextAt !== undefined && clock.now() < known.nextAt) return known.nextAt;
    const { order, lookAt } = await this.#step(grid, subject, wanted, known);
    if (!isSame(order, known)) await this.#record(grid, subject, wanted, put('Order', subject, order, order.reason ?? order.phase));
    return lookAt;
  }

  async #step(grid: string, subject: string, wanted: OrderWanted, known: OrderBody): Promise<{ readonly order: OrderBody; readonly lookAt?: Instant | undefined }> {
    const { clock, vault, shower } = this.#options;
    const { setbacks, nextAt: _nextAt, reason: _reason, ...order } = known;
    const { phase } = order;
    if (isOver(phase)) return { order };
    try {
      const authority = await this.#authority(grid, wanted);
      return await STEPS[phase]({ grid, subject, wanted, order, now: clock.now(), authority, vault, shower });
    } catch (error) {
      this.#authorities.delete(authorityKey(grid, wanted)); // its account may be what is wrong
      const reason = messageOf(error);
      if (!isRetryable(error)) return { order: failed(order, clock.now(), reason) };
      const count = (setbacks ?? 0) + 1;
      const waitMs = retryAfterOf(error, clock.wall()) ?? Math.min(FIRST_SETBACK_MS * 2 ** (count - 1), LONGEST_SETBACK_MS);
      return { order: { ...order, reason, setbacks: count, nextAt: later(clock.now(), waitMs) } };
    }
  }

  /** What was shown and sealed for an order that is over is taken back. */
  async #end(grid: string, subject: string, known: OrderBody, wanted: OrderWanted | undefined): Promise<void> {
    const { vault, shower, log, store } = this.#options;
    for (const proof of known.proofs) {
      await shower.hide(proof).catch((error: unknown) => log.warn('what was shown to an authority could not be taken back', { certificate: subject, reason: messageOf(error) }));
    }
    const except = wanted === undefined || wanted.number === known.number ? undefined : orderKey(subject, wanted.number);
    if (store.view(grid).list('PrivateKey', orderKeys(subject)).some(({ name }) => name !== except)) await vault.forgetKeys(grid, orderKeys(subject), except);
    if (known.proofs.length === 0) return;
    const without = put('Order', subject, { ...known, proofs: [] }, 'what was shown is taken back');
    await store.update({ writer: 'acme', grid }, (view) => ({ steps: isSame(view.get('Order', subject)?.body, known) ? [without] : [] }));
  }

  /** Unless another order is wanted by now. */
  async #record(grid: string, subject: string, wanted: OrderWanted | undefined, change: Change): Promise<undefined> {
    await this.#options.store.update({ writer: 'acme', grid }, (view) => ({ steps: wantedIn(view, subject)?.number === wanted?.number ? [change] : [] }));
  }

  /** The account is looked up once in the life of this process, and after each setback. */
  #authority(grid: string, wanted: OrderWanted): Promise<CertificateAuthority> {
    const key = authorityKey(grid, wanted);
    let opened = this.#authorities.get(key);
    if (opened === undefined) this.#authorities.set(key, (opened = this.#open(grid, accountName(wanted), wanted)));
    return opened;
  }

  async #open(grid: string, name: string, { directory, email, binding }: OrderWanted): Promise<CertificateAuthority> {
    const { vault, open } = this.#options;
    const account: AuthorityAccount = {
      directory, key: await vault.privateKey(grid, name), ...(email === undefined ? {} : { email }),
      ...(binding === undefined ? {} : { binding: { keyId: binding.keyId, key: await vault.secret(grid, binding.secret) } }),
    };
    return open(account);
  }
}

const wantedIn = (view: View, subject: string): OrderWanted | undefined => view.get('Renewal', subject)?.body.order;

/** Of a grid, one with each authority, or with each of the accounts elsewhere that it is bound to. */
const accountName = ({ directory, binding }: OrderWanted): string => `account/${directory}${binding === undefined ? '' : `#${binding.keyId}`}`;

const authorityKey = (grid: string, wanted: OrderWanted): string => `${grid}:${accountName(wanted)} ${wanted.email ?? ''}`;

const keyOf = (grid: string, subject: string): string => `${grid}:${subject}`;

function parseKey(text: string): { readonly grid: string; readonly subject: string } {
  const colon = text.indexOf(':');
  return { grid: text.slice(0, colon), subject: text.slice(colon + 1) };
}
