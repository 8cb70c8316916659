import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { type Change, drop, type Instant, put } from '../model/index.js';
import type { Changed, Store } from '../ports/index.js';
import { FakeClock, settled } from './fake-clock.js';
import { FakeRandom } from './fake-random.js';

export interface StoreWorld {
  readonly clock: FakeClock;
  readonly random: FakeRandom;
  readonly onFatal: (error: unknown) => void;
}

const API = { writer: 'api', grid: 'default', actor: 'ann' } as const;
const LINK = { writer: 'link', grid: 'default' } as const;

const node = (name: string, labels: readonly string[] = []): Change =>
  put('Node', name, { number: 1, labels, availability: 'active', keyFingerprint: 'f' }, `${name} joined`);
const pulse = (name: string, state: 'heard' | 'silent'): Change => put('Pulse', name, { state, since: 5 as Instant }, state);

/** What any Store promises. `open` gives an empty one. */
export function storeContract(title: string, open: (world: StoreWorld) => Store): void {
  describe(`${title} keeps the Store contract`, () => {
    let clock: FakeClock;
    let store: Store;
    let heard: Changed[][];

    beforeEach(() => {
      clock = new FakeClock(1000);
      store = open({ clock, random: new FakeRandom(), onFatal: (error) => expect(error).toBeUndefined() });
      heard = [];
      store.watch((changed) => void heard.push([...changed]));
    });
    afterEach(() => store.close());

    const write = (...steps: Change[]) => store.update(API, () => ({ steps }));
    const names = (): readonly string[] => store.view('default').list('Node').map(({ name }) => name);

    test('begins empty, as a cluster of its own', () => {
      expect(store.revision).toBe(0);
      expect(store.grids()).toEqual([]);
      expect(store.identity.cluster).not.toBe('');
      expect(store.identity.epoch).toBe(1);
      expect(store.history({})).toEqual([]);
      expect(store.verify()).toEqual({ entries: 0, revision: 0 });
    });

    test('keeps what a plan puts, with who, when and at what revision', async () => {
      expect(await write(node('n1'))).toMatchObject({ revision: 1 });
      clock.advance(500);
      expect((await write(node('n2'), node('n1', ['ssd']))).revision).toBe(3);
      expect(store.view('default').get('Node', 'n1')).toEqual({
        kind: 'Node', name: 'n1', revision: 3, createdAt: 1000, updatedAt: 1500, updatedBy: 'ann',
        body: { number: 1, labels: ['ssd'], availability: 'active', keyFingerprint: 'f' },
      });
      expect(names()).toEqual(['n1', 'n2']);
      expect(store.view('default').revision).toBe(3);
    });

    test('sealed bytes come and go with the plan they belong to', async () => {
      const seal = (name: string, text: string | undefined) => ({ name, bytes: text === undefined ? undefined : Buffer.from(text) });
      const textOf = (name: string): string | undefined => { const bytes = store.sealed('default', name); return bytes === undefined ? undefined : Buffer.from(bytes).toString(); };
      const writing = store.update(API, () => ({ steps: [node('n1')], sealed: [seal('Secret/a@1', 'one'), seal('Secret/b@1', 'two')] }));
      expect(textOf('Secret/a@1')).toBeUndefined();
      await writing;
      expect([textOf('Secret/a@1'), textOf('Secret/b@1'), store.sealedNames('default'), store.sealedNames('other')]).toEqual(['one', 'two', ['Secret/a@1', 'Secret/b@1'], []]);
      await store.update(API, () => ({ steps: [], sealed: [seal('Secret/a@1', undefined), seal('Secret/b@1', 'three')] }));
      expect([store.sealedNames('default'), textOf('Secret/b@1'), store.revision]).toEqual([['Secret/b@1'], 'three', 1]);
      await expect(store.update({ writer: 'scheduler', grid: 'default' }, () => ({ steps: [], sealed: [seal('x', 'x')] }))).rejects.toMatchObject({ code: 'KON_WRITER_DENIED' });
      expect(JSON.stringify(store.history({}))).not.toContain('Secret/');
    });

    test('a record dropped is gone, and begins anew when it comes again', async () => {
      await write(node('n1'));
      await write(drop('Node', 'n1', 'left'));
      expect(names()).toEqual([]);
      expect(store.grids()).toEqual([]);
      clock.advance(1);
      await write(node('n1'));
      expect(store.view('default').get('Node', 'n1')).toMatchObject({ revision: 3, createdAt: 1001 });
    });

    test('a plan that changes nothing appends nothing, and tells nobody', async () => {
      await write(node('n1', ['a']));
      const same = put('Node', 'n1', { keyFingerprint: 'f', availability: 'active', labels: ['a'], number: 1 }, 'in another order');
      expect((await write(same, drop('Node', 'n9', 'was never there'))).revision).toBe(1);
      expect((await write()).revision).toBe(1);
      expect(store.history({})).toHaveLength(1);
      expect(heard).toHaveLength(1);
    });

    test('steps of one plan follow each other', async () => {
      const { revision } = await write(node('n1'), node('n1'), node('n1', ['x']), drop('Node', 'n1', 'left'), drop('Node', 'n1', 'again'), node('n2'));
      expect(revision).toBe(4);
      expect(names()).toEqual(['n2']);
    });

    test('decide sees what is not durable yet; everyone else does not', async () => {
      const first = write(node('n1'));
      let seen: readonly unknown[] = [];
      const second = store.update(API, (view) => {
        seen = [view.get('Node', 'n1')?.name, view.revision];
        return { steps: [] };
      });
      expect(seen).toEqual(['n1', 1]);
      expect([names(), store.revision, store.grids(), store.history({})]).toEqual([[], 0, [], []]);
      expect((await second).revision).toBe(1);
      expect(names()).toEqual(['n1']);
      await first;
    });

    test('what is durable when the promise resolves is what listeners were told of, once per commit', async () => {
      const seenByListener: unknown[] = [];
      store.watch(() => seenByListener.push([names(), store.revision]));
      await Promise.all([write(node('n1')), write(node('n2'))]);
      expect(seenByListener).toEqual([[['n1', 'n2'], 2]]);
      expect(heard).toEqual([[{ grid: 'default', kind: 'Node', name: 'n1' }, { grid: 'default', kind: 'Node', name: 'n2' }]]);
    });

    test('a listener may write, and may stop listening', async () => {
      const stop = store.watch(() => {
        stop();
        void write(node('n2'));
      });
      await write(node('n1'));
      await settled();
      expect(names()).toEqual(['n1', 'n2']);
      expect(heard).toHaveLength(2);
    });

    test('a listener that throws hurts neither the committer nor the others', async () => {
      const warn = jest.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
      const stop = store.watch(() => {
        throw new Error('a fault of the listener');
      });
      const late: unknown[] = [];
      store.watch((changed) => late.push(changed));
      await write(node('n1'));
      expect([heard.length, late.length]).toEqual([1, 1]);
      expect(warn.mock.calls).toEqual([['a listener of the store failed: a fault of the listener', expect.anything()]]);
      warn.mockRestore();
      stop();
    });

    test('what decide throws comes back unchanged, and nothing is recorded', async () => {
      const fault = new RangeError('no');
      await expect(store.update(API, () => { throw fault; })).rejects.toBe(fault);
      expect(store.revision).toBe(0);
      expect((await write(node('n1'))).revision).toBe(1);
    });

    test('a kind is written by its writer alone, the whole plan or nothing', async () => {
      const health = put('Health', 'n1', { phase: 'online', since: 0 as Instant, wasLost: false }, 'heard');
      await expect(write(node('n1'), health)).rejects.toMatchObject({ code: 'KON_WRITER_DENIED', message: 'api may not write Health n1; node-health does' });
      await expect(store.update(LINK, () => ({ steps: [pulse('n1', 'heard')] }))).rejects.toMatchObject({ code: 'KON_WRITER_DENIED' });
      expect(() => store.observe(API, [pulse('n1', 'heard')])).toThrow(expect.objectContaining({ code: 'KON_WRITER_DENIED' }));
      expect(() => store.observe(API, [node('n1')])).toThrow(expect.objectContaining({ code: 'KON_WRITER_DENIED' }));
      expect([store.revision, names()]).toEqual([0, []]);
    });

    test('grids know nothing of each other', async () => {
      await Promise.all([write(node('n1')), store.update({ ...API, grid: 'other' }, () => ({ steps: [node('n2')] }))]);
      expect(store.grids()).toEqual(['default', 'other']);
      expect(store.view('other').list('Node').map(({ name }) => name)).toEqual(['n2']);
      expect(store.view('nowhere').list('Node')).toEqual([]);
      expect(store.grids()).toEqual(['default', 'other']);
      await expect(store.update({ ...API, grid: 'a/b' }, () => ({ steps: [node('n2')] }))).rejects.toMatchObject({ code: 'KON_INVALID' });
    });

    test('records are frozen, and apart from what the caller holds', async () => {
      const labels = ['a'];
      await write(node('n1', labels));
      labels.push('b');
      const entry = store.view('default').get('Node', 'n1')!;
      expect(entry.body.labels).toEqual(['a']);
      expect([entry, entry.body, entry.body.labels].every(Object.isFrozen)).toBe(true);
    });

    test('readings are seen at once by all, and leave no trace in the history', async () => {
      await write(node('n1'));
      store.observe(LINK, [pulse('n1', 'heard')]);
      expect(store.view('default').get('Pulse', 'n1')).toMatchObject({ body: { state: 'heard' }, revision: 1, updatedBy: 'link' });
      let seen: unknown;
      await store.update(API, (view) => ((seen = view.get('Pulse', 'n1')?.body.state), { steps: [] }));
      expect(seen).toBe('heard');
      expect(store.history({})).toHaveLength(1);
      expect(heard.at(-1)).toEqual([{ grid: 'default', kind: 'Pulse', name: 'n1' }]);
      store.observe(LINK, [drop('Pulse', 'n1', 'left')]);
      expect(store.view('default').get('Pulse', 'n1')).toBeUndefined();
    });

    test('equal readings tell nobody', () => {
      store.observe(LINK, [pulse('n1', 'heard'), drop('Pulse', 'n9', 'was never there')]);
      store.observe(LINK, [pulse('n1', 'heard')]);
      expect(heard).toHaveLength(1);
      store.observe(LINK, [pulse('n1', 'silent')]);
      expect(heard).toHaveLength(2);
    });

    test('the history is asked by record, by part and from either end', async () => {
      await write(node('n1'), node('n2'));
      await write(node('n1', ['ssd']), drop('Node', 'n2', 'left'));
      await store.update({ ...API, grid: 'other' }, () => ({ steps: [node('n1')] }));
      const revisions = (...query: Parameters<Store['history']>): readonly number[] => store.history(...query).map(({ revision }) => revision);
      expect(revisions({})).toEqual([1, 2, 3, 4, 5]);
      expect(revisions({ grid: 'default', kind: 'Node', name: 'n1' })).toEqual([1, 3]);
      expect(revisions({ kind: 'Stack' })).toEqual([]);
      expect(revisions({ after: 2, upTo: 4 })).toEqual([3, 4]);
      expect(revisions({ grid: 'default', newestFirst: true, limit: 2 })).toEqual([4, 3]);
      expect(store.history({ after: 3, upTo: 4 })).toMatchObject([
        { revision: 4, at: 1000, writer: 'api', actor: 'ann', grid: 'default', change: { kind: 'Node', name: 'n2', body: undefined, why: 'left' } },
      ]);
    });

    test('every revision and every moment can be looked at again', async () => {
      await write(node('n1'));
      clock.advance(100);
      await write(drop('Node', 'n1', 'left'), node('n2'));
      clock.advance(100);
      await write(node('n1', ['b']));
      clock.advance(100);
      await write(node('n1', ['c']));
      const at = (when: Parameters<Store['viewAt']>[1]) => store.viewAt('default', when).list('Node').map(({ name, body }) => [name, ...body.labels].join(' '));
      expect([1, 2, 3, 4, 5].map((revision) => at({ revision }))).toEqual([['n1'], [], ['n2'], ['n1 b', 'n2'], ['n1 c', 'n2']]);
      expect([1000, 1099, 1100, 1250, 9999].map((time) => at({ time: time as Instant }))).toEqual([['n1'], ['n1'], ['n2'], ['n1 b', 'n2'], ['n1 c', 'n2']]);
      store.observe(LINK, [pulse('n1', 'heard')]);
      const view = store.viewAt('default', { revision: 5 });
      expect(view.list('Pulse')).toEqual([]);
      expect([view.revision, view.get('Node', 'n1')]).toEqual([5, store.view('default').get('Node', 'n1')]);
    });

    test('before the first and after the newest revision nothing is known', async () => {
      await write(node('n1'));
      for (const when of [{ revision: 0 }, { revision: 2 }, { time: 999 as Instant }]) {
        expect(() => store.viewAt('default', when)).toThrow(expect.objectContaining({ code: 'KON_REVISION_UNKNOWN' }));
      }
    });

    test('a clock that is set back does not unsort the history', async () => {
      await write(node('n1'));
      clock.advance(-500);
      await write(node('n2'));
      expect(store.history({}).map(({ at }) => at)).toEqual([1000, 1000]);
    });

    test('the chain verifies', async () => {
      await write(node('n1'), node('n2'));
      await write(drop('Node', 'n1', 'left'));
      expect(store.verify()).toEqual({ entries: 3, revision: 3 });
      expect(new Set(store.history({}).map(({ hash }) => hash)).size).toBe(3);
    });

    test('closing writes what was decided, and then refuses', async () => {
      const last = write(node('n1'));
      await store.close();
      await expect(last).resolves.toMatchObject({ revision: 1 });
      await expect(write(node('n2'))).rejects.toMatchObject({ code: 'KON_STORE_FAILED' });
    });
  });
}
