import { readFile } from 'node:fs/promises';
import { moveWhole, replaceFile } from '../files/index.js';
import { type Assignments, codeOf, KontenaError } from '../model/index.js';
import type { Memory } from '../ports/index.js';

/**
 * The last assignments in a file of their own, replaced whole: after a crash it holds the old ones or the new, never half of either.
 * A file that cannot be read as such is kept beside, as `.damaged`, and refused.
 */
export function fileMemory(file: string): Memory {
  return { load: () => load(file), save: (assignments) => save(file, assignments) };
}

async function load(file: string): Promise<Assignments | undefined> {
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw new KontenaError('KON_FILE_UNREADABLE', `cannot read the last assignments from ${file}`, { cause: error });
  });
  if (text === undefined) return undefined;
  const assignments = parse(text);
  if (assignments !== undefined) return assignments;
  await moveWhole(file, `${file}.damaged`);
  throw new KontenaError('KON_FILE_UNREADABLE', `the last assignments in ${file} are damaged; they are kept as ${file}.damaged, and the master is waited for`);
}

interface Saved {
  readonly format: 1;
  readonly assignments: Assignments;
}

/** As older agents saved them: they knew no secrets. */
type SavedAssignments = Omit<Assignments, 'secrets'> & Partial<Pick<Assignments, 'secrets'>>;

function parse(text: string): Assignments | undefined {
  try {
    const { format, assignments } = JSON.parse(text) as { readonly format?: unknown; readonly assignments?: Partial<Assignments> };
    return format === 1 && isAssignments(assignments) ? { secrets: {}, ...assignments } : undefined;
  } catch {
    return undefined;
  }
}

/** Enough to act on without harm: whose they are, how new, and that every instance has its service. */
function isAssignments(value: Partial<Assignments> | undefined): value is SavedAssignments {
  if (value === undefined || typeof value.cluster !== 'string' || typeof value.epoch !== 'number' || typeof value.revision !== 'number') return false;
  const { services, instances } = value;
  return services !== undefined && instances !== undefined && instances.every(({ service }) => Object.hasOwn(services, service));
}

const save = (file: string, assignments: Assignments): Promise<void> => replaceFile(file, JSON.stringify({ format: 1, assignments } satisfies Saved));
