import type { IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import type Docker from 'dockerode';
import type { PathInfo } from '../model/index.js';
import { orUndefined } from './engine.js';

/** As Go's `os.FileMode` counts them. */
const DIRECTORY = 2 ** 31;
const LINK = 2 ** 27;
/** A named pipe, a socket, a device, a device of characters, and what is none of the known. */
const OTHER = 2 ** 25 + 2 ** 24 + 2 ** 26 + 2 ** 21 + 2 ** 19;

/** What lies at a path of a container. */
export async function lookAt(container: Docker.Container, path: string, abortSignal: AbortSignal): Promise<PathInfo> {
  const answer = (await orUndefined([404], container.infoArchive({ path, abortSignal }))) as IncomingMessage | undefined;
  const header = answer?.headers['x-docker-container-path-stat'];
  if (typeof header !== 'string') return { kind: 'missing' };
  const { mode, linkTarget } = JSON.parse(Buffer.from(header, 'base64').toString()) as { readonly mode: number; readonly linkTarget: string };
  return kindOf(mode) === 'link' ? { kind: 'link', target: linkTarget } : { kind: kindOf(mode) };
}

function kindOf(mode: number): Exclude<PathInfo['kind'], 'missing'> {
  const has = (bits: number): boolean => bitsOf(mode, bits);
  if (has(DIRECTORY)) return 'directory';
  if (has(LINK)) return 'link';
  return has(OTHER) ? 'other' : 'file';
}

/** The mode has 32 bits, of which JavaScript's operators take the highest for a sign. */
const bitsOf = (mode: number, bits: number): boolean => (BigInt(mode) & BigInt(bits)) !== 0n;

/** A file or directory of a container as a tar. */
export async function packFrom(container: Docker.Container, path: string, abortSignal: AbortSignal): Promise<AsyncIterable<Uint8Array>> {
  return (await container.getArchive({ path, abortSignal })) as AsyncIterable<Buffer>;
}

/** Unpacks a tar into a directory of a container. */
export async function unpackInto(container: Docker.Container, path: string, tar: AsyncIterable<Uint8Array>, abortSignal: AbortSignal): Promise<void> {
  await container.putArchive(Readable.from(tar, { objectMode: false }), { path, abortSignal });
}
