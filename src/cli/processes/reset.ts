import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { ERRORS, type ErrorCode, KontenaError, type NetworkProblem } from '../../model/index.js';

/** What taking a node off its machine came to, as the agent's program says it. */
interface NodeReset {
  readonly node: string;
  /** Instances. */
  readonly containers: readonly string[];
  /** Of its network, in words. */
  readonly network: readonly string[];
  /** Of what its engine knew of the grid's registry, in words. */
  readonly registry?: readonly string[];
  /** What is there still: `containers`, `names`, `network`, `engine network` or `registry`. */
  readonly left: readonly NetworkProblem[];
}

type Said = NodeReset | { readonly error: { readonly code: string; readonly message: string } };

/**
 * Takes the node of a data directory off this machine.
 *
 * @param programs folder of the bundled programs
 * @throws KontenaError KON_FILE_UNREADABLE, KON_DATA_TAKEN while its agent runs, KON_PROGRAM_ENDED
 */
export async function resetNode(programs: string, { data, docker, files = [] }: { readonly data: string; readonly docker: string; readonly files?: readonly string[] }): Promise<NodeReset> {
  const { stdout, stderr } = await new Promise<{ stdout: string; stderr: string }>((resolve) => {
    execFile(process.execPath, [join(programs, 'agent.mjs'), '--reset', '--data', data, '--docker', docker, ...files], (_error, out, err) => resolve({ stdout: out, stderr: err }));
  });
  const said = read(stdout);
  if (said === undefined) throw new KontenaError('KON_PROGRAM_ENDED', `the agent's program ended without saying what it did: ${stderr.trim()}`);
  if ('error' in said) throw new KontenaError(Object.hasOwn(ERRORS, said.error.code) ? (said.error.code as ErrorCode) : 'KON_INTERNAL', said.error.message);
  return said;
}

function read(text: string): Said | undefined {
  try {
    return JSON.parse(text) as Said;
  } catch {
    return undefined;
  }
}
