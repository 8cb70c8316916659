import { type Bodies, type Change, type Entry, isName, isSame, type Instant, KIND, type Kind, KontenaError, type Revision } from '../model/index.js';
import type { Author, Decision } from '../ports/index.js';
import { freeze } from './body.js';
import type { Append } from './history.js';
import type { SealedWrite } from './sealed.js';

/** @throws KontenaError KON_WRITER_DENIED, KON_INVALID */
export function checkAuthor({ writer, grid }: Author, steps: readonly Change[], state: 'desired' | 'observed'): void {
  if (!isName(grid)) throw new KontenaError('KON_INVALID', `"${grid}" is not the name of a grid`);
  for (const { kind, name } of steps) {
    const rule = KIND[kind];
    if (rule.writer !== writer) throw new KontenaError('KON_WRITER_DENIED', `${writer} may not write ${kind} ${name}; ${rule.writer} does`);
    if (rule.state !== state) throw new KontenaError('KON_WRITER_DENIED', `${kind} ${name} is ${rule.state}, not ${state}`);
  }
}

/** Where a plan is to be written. */
export interface Position {
  /** The record as it is before the plan. */
  readonly current: (kind: Kind, name: string) => Entry | undefined;
  /** Newest revision before the plan. */
  readonly revision: Revision;
  readonly at: Instant;
}

/** What a plan appends: nothing for a body that is already so, or for the drop of what is not there. Changes nothing by itself. */
export function prepare(author: Author, steps: readonly Change[], { current, revision, at }: Position): readonly Append[] {
  checkAuthor(author, steps, 'desired');
  const { writer, grid, actor = writer } = author;
  const appends: Append[] = [];
  const earlier = new Map<string, Entry | undefined>(); // what steps before this one make of a record
  for (const { kind, name, body, why } of steps) {
    const key = `${kind} ${name}`;
    const before = earlier.has(key) ? earlier.get(key) : current(kind, name);
    if (body === undefined ? before === undefined : before !== undefined && isSame(before.body, body)) continue;
    const next = revision + appends.length + 1;
    const json = body === undefined ? undefined : JSON.stringify(body);
    const entry = json === undefined ? undefined : entryOf({ kind, name, json, before, revision: next, at, actor });
    appends.push({ revision: next, at, writer, actor, reason: why, kind, grid, name, replaces: before?.revision, json, entry });
    earlier.set(key, entry);
  }
  return appends;
}

/** What a decision seals or erases. @throws KontenaError KON_WRITER_DENIED for anyone but api */
export function sealedWrites({ writer, grid }: Author, { sealed = [] }: Decision): readonly SealedWrite[] {
  if (sealed.length > 0 && writer !== 'api') throw new KontenaError('KON_WRITER_DENIED', `${writer} may not seal values; api does`);
  return sealed.map((change) => ({ ...change, grid }));
}

interface Making {
  readonly kind: Kind;
  readonly name: string;
  /** The body. Parsed again, so that memory holds what a start would read, and nothing that the caller holds too. */
  readonly json: string;
  readonly before: Entry | undefined;
  readonly revision: Revision;
  readonly at: Instant;
  readonly actor: string;
}

/** A record as views show it, frozen. */
export function entryOf({ kind, name, json, before, revision, at, actor }: Making): Entry {
  const body = JSON.parse(json) as Bodies[Kind];
  return freeze({ kind, name, body, revision, createdAt: before?.createdAt ?? at, updatedAt: at, updatedBy: actor }) as Entry;
}
