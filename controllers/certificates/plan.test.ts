import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type Bodies, type CertificateRequestBody, DEFAULT_ROUTE, type Instant, type Millis, type OrderBody } from '../../src/model/index.js';
import { line, world, type World } from '../../src/testing/world.js';
import { certificates } from './index.js';
import { renewalOf, retryMs, warningOf } from './moments.js';
import { plan } from './plan.js';

const NAME = 'example.com';
const DAY_MS: Millis = 86_400_000;
const REQUEST: CertificateRequestBody = { names: [NAME], challenge: 'http-01', directory: 'https://ca.example/dir', answerOn: ['n1'], asked: 1, lot: 0 };
const { lot: _lot, ...WANTED } = REQUEST;

const requested = (over: Partial<CertificateRequestBody> = {}): World => world().with('CertificateRequest', NAME, { ...REQUEST, ...over });
const order = (number: number, phase: OrderBody['phase'], since: number): OrderBody => ({ number, phase, since: since as Instant, proofs: [], answerOn: ['n1'], isShown: false, ...(phase === 'failed' ? { reason: 'nobody answers' } : {}) });
const renewal = (number: number, over: Partial<Bodies['Renewal']> = {}): Bodies['Renewal'] => ({ order: { number, ...WANTED }, failures: 0, endsSoon: false, ...over });
const certificate = (days: number): Bodies['Certificate'] => ({ version: 1, digest: 'd', names: [NAME], startsAt: 0 as Instant, expiresAt: (days * DAY_MS) as Instant });

/** What is planned at a moment, and when it is looked at next. */
function planned(given: World, atMs: number): readonly [readonly string[], number | undefined] {
  const { steps, wakeAt } = plan(NAME, given, atMs as Instant);
  expect(plan(NAME, given.apply(steps), atMs as Instant).steps).toEqual([]);
  return [steps.map(line), wakeAt];
}

describe('a certificate that was requested', () => {
  test('is ordered at once', () => {
    const given = requested();
    expect(planned(given, 5)).toEqual([['+ Renewal example.com (requested)'], undefined]);
    expect(given.get('Renewal', NAME)?.body).toEqual(renewal(1));
  });

  test('is left alone while its order is under way', () => {
    for (const phase of ['placing', 'proving', 'finishing'] as const) {
      expect(planned(requested().with('Renewal', NAME, renewal(1)).with('Order', NAME, order(1, phase, 0)), 10 * DAY_MS)).toEqual([[], undefined]);
    }
    expect(planned(requested().with('Renewal', NAME, renewal(2)).with('Order', NAME, order(1, 'failed', 0)), 10 * DAY_MS)).toEqual([[], undefined]);
  });

  test('whose order failed is ordered again, later each time', () => {
    const given = requested().with('Renewal', NAME, renewal(1)).with('Order', NAME, order(1, 'failed', 1000));
    const firstAt = 1000 + 5 * 60_000;
    expect(planned(given, 2000)).toEqual([['+ Renewal example.com (it failed: nobody answers)'], firstAt]);
    expect(given.get('Renewal', NAME)?.body).toEqual(renewal(1, { failures: 1, nextAt: firstAt as Instant }));
    expect(planned(given, firstAt - 1)).toEqual([[], firstAt]);
    expect(planned(given, firstAt)).toEqual([['+ Renewal example.com (tried again)'], undefined]);
    expect(given.get('Renewal', NAME)?.body).toEqual(renewal(2, { failures: 1 }));
    given.with('Order', NAME, order(2, 'failed', firstAt));
    expect(planned(given, firstAt)).toEqual([['+ Renewal example.com (it failed: nobody answers)'], firstAt + 10 * 60_000]);
  });

  test('is ordered anew when it is asked for again, or otherwise', () => {
    for (const over of [{ asked: 2 }, { names: [NAME, 'www.example.com'] }, { challenge: 'dns-01' as const }, { answerOn: ['n2'] }, { email: 'a@b' }]) {
      const given = requested(over).with('Renewal', NAME, renewal(3, { failures: 2, nextAt: (9 * DAY_MS) as Instant })).with('Order', NAME, order(3, 'failed', 0));
      expect(planned(given, 5)).toEqual([['+ Renewal example.com (requested anew)'], undefined]);
      expect(given.get('Renewal', NAME)?.body).toMatchObject({ order: { number: 4 }, failures: 0 });
    }
  });

  test('is renewed at two thirds of its life, and warned of when nothing comes of it', () => {
    const given = requested().with('Certificate', NAME, certificate(90)).with('Renewal', NAME, renewal(1)).with('Order', NAME, order(1, 'issued', 0));
    expect(planned(given, 1000)).toEqual([['+ Renewal example.com (issued)'], 60 * DAY_MS]);
    expect(planned(given, 60 * DAY_MS)).toEqual([['+ Renewal example.com (two thirds of its life are over)'], 76 * DAY_MS]);
    given.with('Order', NAME, order(2, 'failed', 75.9 * DAY_MS));
    planned(given, 75.9 * DAY_MS);
    expect(planned(given, 76 * DAY_MS)[0]).toEqual(['+ Renewal example.com (it ends soon)']);
    expect(given.get('Renewal', NAME)?.body.endsSoon).toBe(true);
  });

  test('never takes the number of an order before it', () => {
    const given = requested().with('Order', NAME, order(7, 'issued', 0));
    planned(given, 5);
    expect(given.get('Renewal', NAME)?.body.order?.number).toBe(8);
  });
});

describe('a certificate that was imported', () => {
  test('is not spoken of until it ends soon', () => {
    const given = world().with('Certificate', NAME, certificate(365));
    expect(planned(given, 0)).toEqual([[], 351 * DAY_MS]);
    expect(planned(given, 351 * DAY_MS)).toEqual([['+ Renewal example.com (it ends soon)'], undefined]);
    given.with('Certificate', NAME, { ...certificate(730), version: 2 });
    expect(planned(given, 351 * DAY_MS)).toEqual([['- Renewal example.com (nothing is due of it any more)'], 716 * DAY_MS]);
  });

  test('in place of one that was requested is not ordered any more', () => {
    const given = world().with('Certificate', NAME, certificate(90)).with('Renewal', NAME, renewal(1));
    expect(planned(given, 0)[0]).toEqual(['- Renewal example.com (nothing is due of it any more)']);
  });
});

/** A route that asks for certificates of its hosts. */
const asking = (given: World, over: Partial<NonNullable<Bodies['Route']['asks']>> = {}): World =>
  given.with('Route', 'infra/lb:todo/web', { balancer: 'infra/lb', service: 'todo/web', spec: DEFAULT_ROUTE, isServed: true, asks: { hosts: [NAME], directory: REQUEST.directory, ...over } });

describe('a certificate that a route asks for', () => {
  test('is ordered at once, answered by balancers, and renewed as others are', () => {
    const given = asking(world(), { email: 'ops@example.com' });
    expect(planned(given, 5)).toEqual([['+ Renewal example.com (requested)'], undefined]);
    expect(given.get('Renewal', NAME)?.body.order).toEqual({ ...WANTED, number: 1, asked: 0, answerOn: [], email: 'ops@example.com' });
    given.with('Certificate', NAME, certificate(90)).with('Order', NAME, order(1, 'issued', 5));
    const [, nextAt = 0] = planned(given, 6);
    expect([nextAt >= 60 * DAY_MS, nextAt <= 63 * DAY_MS]).toEqual([true, true]);
    expect(planned(given, nextAt)[0]).toEqual(['+ Renewal example.com (two thirds of its life are over)']);
  });

  test('is ordered otherwise when the balancer says so, or a person', () => {
    const given = asking(world());
    planned(given, 5);
    expect(planned(asking(given, { directory: 'https://other.example/dir' }), 6)[0]).toEqual(['+ Renewal example.com (requested anew)']);
    expect(planned(given.with('CertificateRequest', NAME, REQUEST), 7)[0]).toEqual(['+ Renewal example.com (requested anew)']);
    expect(given.get('Renewal', NAME)?.body.order).toMatchObject({ number: 3, asked: 1, answerOn: ['n1'] });
  });

  test('is left alone where it was imported, until it is due', () => {
    const given = asking(world().with('Certificate', NAME, certificate(90)));
    const [said, nextAt = 0] = planned(given, 5);
    expect([said, nextAt >= 60 * DAY_MS]).toEqual([['+ Renewal example.com (imported, and renewed when two thirds of its life are over)'], true]);
    expect([planned(given, nextAt - 1), planned(given, nextAt)[0]]).toEqual([[[], nextAt], ['+ Renewal example.com (requested)']]);
  });

  test('is no longer ordered when no route asks for it', () => {
    const given = asking(world());
    planned(given, 5);
    expect(planned(given.without('Route', 'infra/lb:todo/web'), 6)[0]).toEqual(['- Renewal example.com (nothing is due of it any more)']);
  });
});

test('Each change wakes its own certificate, and a scan finds all of them', () => {
  const given = requested().with('Certificate', 'a.example', certificate(1)).with('Renewal', 'b.example', renewal(1));
  expect(certificates.subjects(given)).toEqual([NAME, 'a.example', 'b.example']);
  const { Route, ...others } = certificates.watches;
  for (const watch of Object.values(others)) expect(watch('x', given)).toEqual(['x']);
  asking(given, { hosts: ['c.example'] });
  expect([Route?.('infra/lb:todo/web', given), Route?.('infra/lb:gone/web', given), certificates.subjects(given)]).toEqual([['c.example', 'b.example'], ['b.example'], [NAME, 'a.example', 'b.example', 'c.example']]);
});

describe('moments', () => {
  const lot = fc.double({ min: 0, max: 1, noNaN: true });

  test('of renewal lie between two thirds of a life and seven tenths, before any warning', () => {
    fc.assert(fc.property(fc.integer({ min: 3_600_000, max: 400 * DAY_MS }), lot, (lifeMs, fraction) => {
      const life = { startsAt: 0 as Instant, expiresAt: lifeMs as Instant };
      const at = renewalOf(life, fraction);
      expect(at).toBeGreaterThanOrEqual(Math.floor((lifeMs * 2) / 3));
      expect(at).toBeLessThanOrEqual(Math.ceil(lifeMs * 0.7));
      expect(warningOf(life)).toBeGreaterThan(at);
    }));
  });

  test('after failures are never more than five within an hour, and never further apart than a day and a fifth', () => {
    fc.assert(fc.property(lot, fc.integer({ min: 1, max: 60 }), (fraction, failures) => {
      const first = [1, 2, 3, 4].reduce((sum, count) => sum + retryMs(count, fraction), 0);
      expect(first).toBeGreaterThan(3_600_000);
      expect(retryMs(failures, fraction)).toBeLessThanOrEqual(DAY_MS * 1.2);
    }));
  });

  test('of a certificate of which nobody knows when it began are a day before its end', () => {
    expect(renewalOf({ expiresAt: (3 * DAY_MS) as Instant }, 1)).toBe(2 * DAY_MS);
    expect(warningOf({ expiresAt: (30 * DAY_MS) as Instant })).toBe(16 * DAY_MS);
  });
});
