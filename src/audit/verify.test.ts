import { generateKeyPairSync } from 'node:crypto';
import { beforeAll, describe, expect, test } from '@jest/globals';
import type { AuditFact } from '../model/index.js';
import { FakeClock } from '../testing/fake-clock.js';
import { testAudit, testSeal } from '../testing/test-audit.js';
import { sealWith } from './seal.js';
import { verifyAudit } from './verify.js';

const seal = testSeal();
const fact: AuditFact = { who: 'ada', action: 'secret.read', grid: 'default', name: 'pw', outcome: 'done', reason: 'ü\u0000' };
/** Title, entry 1, its signature, entries 2 to 4, the signature of the last. */
let lines: readonly string[];

beforeAll(async () => {
  const log = testAudit(new FakeClock(1_000_000), ':memory:', seal);
  for (let count = 0; count < 4; count += 1) await log.note(fact);
  lines = [...log.exported()].join('').trimEnd().split('\n');
  log.close();
});

/** In pieces that end anywhere. */
async function* pieces(text: string): AsyncGenerator<string> {
  for (let from = 0; from < text.length; from += 7) yield await Promise.resolve(text.slice(from, from + 7));
}
const verify = (of: readonly string[], options: Parameters<typeof verifyAudit>[1] = {}): ReturnType<typeof verifyAudit> => verifyAudit(pieces(`${of.join('\n')}\n`), options);
const line = (at: number): string => lines[at] as string;

test('A whole log is whole, with the public key alone', async () => {
  expect(lines).toHaveLength(7);
  expect(await verify(lines, { publicKey: seal.publicKey })).toMatchObject({ cluster: 'c1', entries: 4, signedAt: 1_000_000 });
});

describe('It is seen when', () => {
  test.each<readonly [what: string, bend: () => readonly string[], sentence: RegExp]>([
    ['a word is changed', () => lines.with(3, line(3).replace('"ada"', '"eve"')), /entry 2 was changed/],
    ['a field is added', () => lines.with(3, line(3).replace('"ada"', '"ada","from":"x"')), /entry 2 was changed/],
    ['an entry is missing', () => lines.toSpliced(3, 1), /after entry 1 comes 3/],
    ['two are exchanged', () => lines.with(3, line(4)).with(4, line(3)), /after entry 1 comes 3/],
    ['the end is cut off', () => lines.slice(0, 5), /its end is not signed: it was cut after entry 3/],
    ['the last signature is missing', () => lines.slice(0, 6), /cut after entry 4/],
    ['a signature stands elsewhere', () => [...lines.slice(0, 5), line(6)], /stands after entry 3/],
    ['a line is no JSON', () => lines.with(4, 'x'), /no JSON/],
    ['the title is missing', () => lines.slice(1), /first line is not that of an audit log/],
    ['all is missing', () => lines.slice(0, 1), /its end is not signed/],
    ['another cluster is named', () => lines.with(0, line(0).replace('"c1"', '"c2"')), /not by this key/],
  ])('%s', async (_what, bend, sentence) => {
    await expect(verify(bend())).rejects.toMatchObject({ code: 'KON_AUDIT_BROKEN', message: expect.stringMatching(sentence) });
  });

  test('a line is cut within', async () => {
    await expect(verifyAudit(pieces(lines.join('\n')))).rejects.toThrow(/last line is cut off/);
  });

  test('it is signed by another key, whatever it names', async () => {
    const own = sealWith(generateKeyPairSync('ed25519').privateKey);
    const forged = testAudit(new FakeClock(1_000_000), ':memory:', own);
    await forged.note({ ...fact, who: 'eve' });
    const text = [...forged.exported()].join('').trimEnd().split('\n');
    forged.close();
    expect(await verify(text)).toMatchObject({ entries: 1 });
    await expect(verify(text, { publicKey: seal.publicKey })).rejects.toThrow(/not by this key/);
  });

  test('it is an earlier log than one that is known, or another', async () => {
    const { entries, hash } = await verify(lines);
    expect(await verify(lines, { known: { number: entries, hash } })).toMatchObject({ entries });
    await expect(verify(lines.slice(0, 3), { known: { number: entries, hash } })).rejects.toThrow(/ends with entry 1, and 4 is known/);
    await expect(verify(lines, { known: { number: 2, hash } })).rejects.toThrow(/entry 2 is not the one that is known/);
  });
});

test('What is no key is refused', async () => {
  await expect(verify(lines, { publicKey: 'x' })).rejects.toMatchObject({ code: 'KON_INVALID' });
});
