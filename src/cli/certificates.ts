import type { Control, Resource } from '../ports/index.js';
import { INTERRUPTED } from './exit.js';
import type { Host } from './host.js';

interface Following {
  readonly host: Host;
  readonly control: Control;
  readonly grid: string;
  readonly name: string;
  readonly timeoutMs: number;
  /** The command that tells how it goes on. */
  readonly look: string;
  readonly print: (line: string) => void;
  readonly note: (line: string) => void;
}

/** Tells how a certificate comes about, until it is there or its order has failed; the exit code. None of what ends it stops the work. */
export async function followCertificate({ host, control, grid, name, timeoutMs, look, print, note }: Following): Promise<number> {
  const over = new AbortController();
  let ending: 'timeout' | 'interrupted' | undefined;
  const end = (why: 'timeout' | 'interrupted'): void => {
    ending ??= why;
    over.abort();
  };
  const timer = setTimeout(() => end('timeout'), timeoutMs);
  const forget = host.onInterrupt(() => end('interrupted'));
  const told = new Set<string>();
  try {
    for await (const { resource, isGone } of control.resources.watch({ grid, kind: 'certificate', name }, over.signal)) {
      const state = isGone ? { isOver: true, lines: [`certificate/${name} is removed`], code: 1 } : stateOf(resource);
      for (const line of state.lines) if (!told.has(line)) print(line);
      state.lines.forEach((line) => told.add(line));
      if (!state.isOver) continue;
      if (state.code !== 0) note(`It goes on without this command. Look at it with: ${look}`);
      return state.code;
    }
  } catch (error) {
    if (!over.signal.aborted) throw error;
  } finally {
    clearTimeout(timer);
    forget();
  }
  note(`It goes on without this command. Look at it with: ${look}`);
  return ending === 'interrupted' ? INTERRUPTED : 1;
}

interface State {
  readonly isOver: boolean;
  readonly lines: readonly string[];
  readonly code: number;
}

interface Status {
  readonly phase?: string;
  readonly reason?: string;
  readonly nextAt?: string;
  readonly order?: { readonly phase?: string };
  readonly records?: readonly { readonly name: string; readonly value: string }[];
}

const STEPS: Readonly<Record<string, string>> = { placing: 'the authority is asked', proving: 'the authority is shown that the names are yours', finishing: 'the certificate is issued' };

function stateOf({ name, spec, status }: Resource): State {
  const { phase, reason = '', nextAt = '' } = status as Status;
  if (phase === 'issued' || phase === 'imported') return { isOver: true, lines: [`certificate/${name} is there, until ${String(spec.expiresAt)}`], code: 0 };
  if (phase === 'failed') return { isOver: true, lines: [`certificate/${name} is not issued: ${reason}`, `It is tried again at ${nextAt}`], code: 1 };
  return { isOver: false, lines: linesOf(status), code: 0 };
}

/** What goes on, and what people are to do for it, or what else stands in the way. */
function linesOf({ reason, order, records = [] }: Status): readonly string[] {
  const step = STEPS[order?.phase ?? ''];
  if (step === undefined) return [];
  if (records.length > 0) return [step, ...records.map((record) => `put this record into the DNS, and leave it there until the certificate is issued: ${record.name} TXT ${record.value}`)];
  return reason === undefined ? [step] : [step, reason];
}
