import type { Forward } from '../ports/index.js';
import type { Programs } from './programs.js';

/** Where the engine lets others speak before its own DROP. */
const ENGINES_DOOR = 'DOCKER-USER';
/** Waits for whoever else changes the rules just now. */
const PATIENT = ['-w', '5'];

interface Rules {
  readonly chain: string;
  readonly forwards: readonly Forward[];
}

/** Our rules, and the chain they belong in; undefined where nothing is in the way: no iptables, or a FORWARD that accepts. */
async function find(programs: Programs, label: string): Promise<Rules | undefined> {
  const door = await programs.run('iptables', [...PATIENT, '-S', ENGINES_DOOR]).catch(() => undefined);
  if (door === undefined) return undefined;
  if (door.code === 0) return { chain: ENGINES_DOOR, forwards: ofLabel(door.out, label) };
  const forward = await programs.run('iptables', [...PATIENT, '-S', 'FORWARD']);
  const forwards = ofLabel(forward.out, label);
  return forward.out.includes('-P FORWARD ACCEPT') && forwards.length === 0 ? undefined : { chain: 'FORWARD', forwards };
}

/** Pairs of interfaces in rules like `-A DOCKER-USER -i kb-1 -o kw-1 -m comment --comment kontena-1 -j ACCEPT`. */
const ofLabel = (listing: string, label: string): readonly Forward[] =>
  listing.split('\n').flatMap((line) => {
    const match = /^-A \S+ -i (\S+) -o (\S+) .*--comment "?([\w-]+)"?/.exec(line);
    return match?.[3] === label ? [{ from: match[1] as string, to: match[2] as string }] : [];
  });

export const seenForwards = async (programs: Programs, label: string): Promise<readonly Forward[] | undefined> => (await find(programs, label))?.forwards;

/** Adds what lacks and removes what is too much. Nothing where nothing is in the way. */
export async function setForwards(programs: Programs, label: string, wanted: readonly Forward[]): Promise<void> {
  const found = await find(programs, label);
  if (found === undefined) return;
  const { chain, forwards } = found;
  for (const forward of wanted.filter((each) => !forwards.some((other) => isSame(each, other)))) await programs.must('iptables', [...PATIENT, '-I', chain, ...rule(label, forward)]);
  for (const forward of forwards.filter((each) => !wanted.some((other) => isSame(each, other)))) await programs.must('iptables', [...PATIENT, '-D', chain, ...rule(label, forward)]);
}

const rule = (label: string, { from, to }: Forward): readonly string[] => ['-i', from, '-o', to, '-m', 'comment', '--comment', label, '-j', 'ACCEPT'];
const isSame = (a: Forward, b: Forward): boolean => a.from === b.from && a.to === b.to;
