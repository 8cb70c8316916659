import type { AuditFact } from '../model/index.js';
import type { Caller, Control, Store, TwoWay } from '../ports/index.js';
import { type AnyAction, type AnyCall, aroundEach, isTwoWay, isItems } from './each-call.js';
import type { Decisions } from './decisions.js';
import { nameMeant } from './names.js';
import { failureOf, type Notebook } from './notebook.js';

export interface NotedOptions {
  readonly store: Store;
  readonly caller: Caller;
  readonly notebook: Notebook;
  readonly decisions: Decisions;
}

type Write = (outcome: Pick<AuditFact, 'outcome' | 'reason'>) => Promise<void>;

/**
 * What a caller may ask, with what it leaves in the audit log: all that changes something, what gives away what is secret,
 * and every refusal. What must be noted is answered when that is on disk, and not begun while nothing can be noted.
 */
export const noted = (control: Control, options: NotedOptions): Control => aroundEach(control, (call, action) => withNotes(call, action, options));

function withNotes(call: AnyCall, action: AnyAction, options: NotedOptions): AnyCall {
  return action.isChange || action.isNoted === true ? alwaysNoted(call, action, options) : notedWhenRefused(call, action, options);
}

function notedWhenRefused(call: AnyCall, action: AnyAction, options: NotedOptions): AnyCall {
  return (...asked) => {
    try {
      return call(...asked);
    } catch (why) {
      const failure = failureOf(why);
      if (failure.outcome === 'refused') options.notebook.refused({ ...factOf(action, asked, options), ...failure });
      throw why;
    }
  };
}

function alwaysNoted(call: AnyCall, action: AnyAction, options: NotedOptions): AnyCall {
  const { notebook, decisions } = options;
  return (...asked) => {
    notebook.requireRoom();
    const fact = factOf(action, asked, options);
    const write: Write = (outcome) => notebook.note({ ...fact, ...outcome });
    let done: Promise<void> | undefined;
    const writeDone = (): Promise<void> => (done ??= write({ outcome: 'done' }));
    let answer: unknown;
    try {
      // What a change was noted with goes to the disk with the change: each waits for the other, and hardly longer.
      answer = decisions.during(() => void writeDone().catch(() => undefined), () => call(...asked));
    } catch (why) {
      const failure = failureOf(why);
      if (failure.outcome === 'refused') notebook.refused({ ...fact, ...failure });
      else notebook.noteLater({ ...fact, ...failure });
      throw why;
    }
    if (isItems(answer)) return opened(write, answer);
    return isTwoWay(answer) ? openedBothWays(write, answer) : settled(answer, write, writeDone);
  };
}

function factOf({ action, on, detail }: AnyAction, asked: readonly unknown[], { caller, store }: NotedOptions): Omit<AuditFact, 'outcome'> {
  const target = on(...asked);
  const { name: who, keyFingerprint: credential, from } = caller;
  return {
    who,
    ...(credential === undefined ? {} : { credential }),
    ...(from === undefined ? {} : { from }),
    action: typeof action === 'string' ? action : action(...asked),
    ...(target.grid === undefined ? {} : { grid: target.grid }),
    ...(target.name === undefined ? {} : { name: nameMeant(store, target) ?? target.name }),
    ...detailed(detail?.(...asked)),
  };
}

const detailed = (detail: string | undefined): Pick<AuditFact, 'detail'> => (detail === undefined || detail === '' ? {} : { detail });

/** What fails after something of it was decided is noted as both. */
async function settled(answer: unknown, write: Write, writeDone: () => Promise<void>): Promise<unknown> {
  let value: unknown;
  try {
    value = await answer;
  } catch (why) {
    await write(failureOf(why)).catch(() => undefined); // why is what counts
    throw why;
  }
  await writeDone();
  return value;
}

/** What lasts is noted before anything of it is given, and once more when it ends. */
async function* opened<T>(write: Write, items: AsyncIterable<T>, begun: Promise<void> = write({ outcome: 'begun' })): AsyncGenerator<T> {
  await begun;
  let end: Parameters<Write>[0] = { outcome: 'done' };
  try {
    yield* items;
  } catch (why) {
    end = failureOf(why);
    throw why;
  } finally {
    await write(end).catch(() => undefined); // that it had begun is on disk
  }
}

function openedBothWays(write: Write, target: TwoWay<unknown, unknown>): TwoWay<unknown, unknown> {
  const begun = write({ outcome: 'begun' });
  begun.catch(() => target.close()); // and whoever reads is told why
  return {
    ...target,
    received: () => opened(write, target.received(), begun),
    send: async (item) => {
      await begun;
      return target.send(item);
    },
  };
}
