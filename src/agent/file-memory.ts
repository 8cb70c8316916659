import { readFile } from 'node:fs/promises';
import { moveWhole, replaceFile } from '../files/index.js';
import { type Assignments, codeOf, type ContainersSection, KontenaError, NO_ANSWERS, NO_BALANCERS, NO_NETWORK, NO_REGISTRY, type Sections } from '../model/index.js';
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
  readonly format: 2;
  readonly assignments: Assignments;
}

/** As older agents saved them: what must run was all there was, and the oldest knew no secrets. */
type Format1 = Omit<Assignments, keyof Sections> & Omit<ContainersSection, 'secrets'> & Partial<Pick<ContainersSection, 'secrets'>>;

function parse(text: string): Assignments | undefined {
  try {
    const { format, assignments } = JSON.parse(text) as { readonly format?: unknown; readonly assignments?: unknown };
    if (format === 1) return checked(fromFormat1(assignments as Format1));
    return format === 2 ? checked(assignments as Partial<Assignments>) : undefined;
  } catch {
    return undefined;
  }
}

const fromFormat1 = ({ services, instances, secrets = {}, ...rest }: Format1): Assignments => ({ ...rest, containers: { services, instances, secrets }, ...NO_NETWORK });

/** Only what can be acted on without harm: whose they are, how new, and that every instance has its service. */
function checked(value: Partial<Assignments> | undefined): Assignments | undefined {
  if (value === undefined || typeof value.cluster !== 'string' || typeof value.epoch !== 'number' || typeof value.revision !== 'number') return undefined;
  const { containers, network, names } = value;
  if (containers === undefined || network === undefined || names === undefined) return undefined;
  if (!containers.instances.every(({ service }) => Object.hasOwn(containers.services, service))) return undefined;
  return { balancers: NO_BALANCERS, answers: NO_ANSWERS, registry: NO_REGISTRY, statistics: {}, ...(value as Omit<Assignments, 'balancers' | 'answers' | 'registry' | 'statistics'>) };
}

const save = (file: string, assignments: Assignments): Promise<void> => replaceFile(file, JSON.stringify({ format: 2, assignments } satisfies Saved));
