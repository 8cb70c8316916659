import { realpath, stat } from 'node:fs/promises';
import { basename, dirname, join, posix, resolve } from 'node:path';
import { codeOf, KontenaError, type PathInfo } from '../../model/index.js';
import type { InstanceCalls } from '../../ports/index.js';
import { sendAll } from '../send-all.js';
import { localError } from './local-error.js';
import { packTree } from './pack-tree.js';
import { unpackTree } from './unpack-tree.js';

export { localError } from './local-error.js';
export { parsePlace, type Place } from './place.js';

/** Links are followed so often; more is a circle. */
const MOST_LINKS = 20;

type Calls = Pick<InstanceCalls, 'look' | 'pack' | 'unpack'>;

/** An instance, and a path in it. */
export interface Inside {
  readonly grid: string;
  readonly name: string;
  readonly path: string;
}

/** `DIR/.`: what is in the directory, and not the directory itself. */
const isContentOnly = (path: string): boolean => /(^|\/)\.\/?$/.test(path);

/**
 * Copies a file or directory out of an instance: into a directory that is there, or to a path that is not.
 *
 * @throws KontenaError KON_NOT_FOUND, KON_FILE_EXISTS, KON_FILE_UNREADABLE
 */
export async function copyOut(calls: Calls, { grid, ...at }: Inside, local: string, signal: AbortSignal): Promise<void> {
  const info = await calls.look(grid, at, signal);
  if (info.kind === 'missing') throw new KontenaError('KON_NOT_FOUND', `there is no ${at.path} in ${at.name}`);
  const there = await kindHere(local);
  if (there === 'file' && info.kind === 'directory') throw new KontenaError('KON_FILE_EXISTS', `${local} is a file, and ${at.path} a directory`);
  const root = there === 'directory' && !isContentOnly(at.path) ? join(await realpath(local), posix.basename(at.path)) : resolve(local);
  await unpackTree(calls.pack(grid, at, signal), root);
}

/**
 * Copies a file or directory into an instance: into a directory that is there, or to a path that is not.
 *
 * @throws KontenaError KON_NOT_FOUND, KON_CONFLICT, KON_FILE_UNREADABLE
 */
export async function copyIn(calls: Calls, local: string, { grid, ...at }: Inside, signal: AbortSignal): Promise<void> {
  const here = await kindHere(local);
  if (here === undefined) throw new KontenaError('KON_FILE_UNREADABLE', `${local} cannot be read: there is no such file or directory`);
  const info = await followed(at, (path) => calls.look(grid, { name: at.name, path }, signal));
  if (info.kind !== 'directory' && info.kind !== 'missing' && here === 'directory') throw new KontenaError('KON_CONFLICT', `${at.path} in ${at.name} is no directory, and ${local} is one`);
  if (info.kind === 'missing') await requireDirectory(calls, { grid, ...at, path: posix.dirname(at.path) }, signal);
  const name = isContentOnly(local) ? '.' : basename(resolve(local));
  const target = info.kind === 'directory' ? { directory: at.path, name } : { directory: posix.dirname(at.path), name: posix.basename(at.path) };
  await send(calls, packTree(local, target.name), { grid, name: at.name, path: target.directory }, signal);
}

/** Unpacks a tar into a directory of an instance. @throws KontenaError */
export const send = (calls: Calls, tar: AsyncIterable<Uint8Array>, { grid, ...at }: Inside, signal: AbortSignal): Promise<void> => sendAll(calls.unpack(grid, at, signal), tar);

async function requireDirectory(calls: Calls, { grid, ...at }: Inside, signal: AbortSignal): Promise<void> {
  const { kind } = await followed(at, (path) => calls.look(grid, { name: at.name, path }, signal));
  if (kind !== 'directory') throw new KontenaError('KON_NOT_FOUND', `there is no directory ${at.path} in ${at.name}`);
}

/** What lies at the end of links. */
async function followed({ path }: { readonly path: string }, look: (path: string) => Promise<PathInfo>): Promise<PathInfo> {
  let at = path;
  let info = await look(at);
  for (let links = 0; info.kind === 'link' && links < MOST_LINKS; links += 1) {
    at = posix.resolve(posix.dirname(at), info.target ?? '');
    info = await look(at);
  }
  return info;
}

async function kindHere(path: string): Promise<'file' | 'directory' | undefined> {
  try {
    return (await stat(path)).isDirectory() ? 'directory' : 'file';
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw localError(path, 'read', error);
    if ((await stat(dirname(resolve(path))).catch(() => undefined))?.isDirectory() === true) return undefined;
    throw localError(dirname(resolve(path)), 'read', error);
  }
}
