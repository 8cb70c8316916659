import { readFile, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { KontenaError, messageOf } from '../../model/index.js';
import { programsIn, type RunningProgram } from './background.js';

export interface DevNode {
  readonly name: string;
  /** `unix:///var/run/docker.sock`. */
  readonly docker: string;
}

/** What a development cluster is made of; kept in `dev.json` of its folder. */
export interface DevState {
  readonly port: number;
  readonly nodes: readonly DevNode[];
  /** Known once the master has answered. */
  readonly cluster?: string;
}

export interface DevWish {
  readonly docker: readonly string[];
  readonly nodes: number | undefined;
}

const stateFile = (folder: string): string => join(folder, 'dev.json');

/** The cluster of a folder: as its file says, or where that is lost as its programs were told that run. Undefined when there is none. @throws KontenaError KON_FILE_UNREADABLE */
export async function devState(folder: string): Promise<DevState | undefined> {
  const text = await readFile(stateFile(folder), 'utf8').catch(() => undefined);
  if (text === undefined) return stateOf(await programsIn(folder));
  try {
    return JSON.parse(text) as DevState;
  } catch (error) {
    throw new KontenaError('KON_FILE_UNREADABLE', `${stateFile(folder)} is damaged: ${messageOf(error)}`, { cause: error });
  }
}

export const writeState = (folder: string, state: DevState): Promise<void> => writeFile(stateFile(folder), `${JSON.stringify(state, null, 2)}\n`);

/** What programs were told when they were started: their arguments outlive every file. */
function stateOf(programs: readonly RunningProgram[]): DevState | undefined {
  if (programs.length === 0) return undefined;
  const addresses = programs.map(({ option }) => option('--listen') ?? option('--master') ?? '');
  const nodes = programs.flatMap(({ option }) => {
    const [name, docker] = [option('--name'), option('--docker')];
    return name === undefined || docker === undefined ? [] : [{ name, docker }];
  });
  return { port: Number(addresses[0]?.split(':').at(-1)), nodes: nodes.sort((a, b) => a.name.localeCompare(b.name, 'en', { numeric: true })) };
}

/** Programs that run though their data was removed. */
export function removedError(folder: string, orphans: readonly RunningProgram[]): KontenaError {
  const who = orphans.map(({ data, pid }) => `${basename(data)} (pid ${String(pid)})`).sort().join(', ');
  return new KontenaError('KON_DATA_REMOVED', `the data in ${folder} was removed while the cluster runs: ${who} ${orphans.length === 1 ? 'goes' : 'go'} on without`);
}

/**
 * The nodes to bring up: those that were there, and as many more as are asked for. Sockets are handed out in turn.
 *
 * @throws KontenaError KON_CONFLICT when a node that is there is given another engine: its containers would be left behind
 */
export function wantedNodes(before: readonly DevNode[], { docker, nodes }: DevWish, local: string): readonly DevNode[] {
  const sockets = docker.length > 0 ? docker : [before[0]?.docker ?? local];
  const count = Math.max(nodes ?? docker.length, docker.length, before.length, 1);
  return Array.from({ length: count }, (_none, index) => {
    const name = `n${String(index + 1)}`;
    const old = before.find((node) => node.name === name);
    const given = docker[index];
    if (old !== undefined && given !== undefined && given !== old.docker) {
      throw new KontenaError('KON_CONFLICT', `node ${name} uses the engine at ${old.docker}, not ${given}: run \`kontenactl dev down --purge\` first, or choose another folder with --data`);
    }
    return old ?? { name, docker: given ?? (sockets[index % sockets.length] as string) };
  });
}
