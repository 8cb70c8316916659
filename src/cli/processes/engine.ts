import { request } from 'node:http';
import { KontenaError, messageOf } from '../../model/index.js';

/** An engine that does not answer a ping within this is not there. */
const ANSWER_LIMIT_MS = 5_000;
const DEFAULT_SOCKET = 'unix:///var/run/docker.sock';

/** The engine of this machine: `DOCKER_HOST` where it names a socket, else Docker's own place. */
export const localEngine = (env: Readonly<Record<string, string | undefined>>): string =>
  env.DOCKER_HOST?.startsWith('unix://') === true ? env.DOCKER_HOST : DEFAULT_SOCKET;

/** The oldest API that agents work with, of Docker Engine 20.10. */
const OLDEST_MINOR = 41;

/** @throws KontenaError KON_ENGINE_UNREACHABLE, KON_ENGINE_FORBIDDEN, KON_ENGINE_TOO_OLD */
export async function requireEngine(socket: string): Promise<void> {
  const { apiVersion } = await ask(socket, 'GET', '/_ping');
  const minor = /^1\.(\d+)$/.exec(apiVersion ?? '')?.[1];
  if (minor !== undefined && Number(minor) < OLDEST_MINOR) {
    throw new KontenaError('KON_ENGINE_TOO_OLD', `the container engine at ${socket} speaks API ${String(apiVersion)}; 1.${String(OLDEST_MINOR)} is needed`);
  }
}

/** The label of the containers of a cluster. */
export const clusterLabel = (cluster: string): string => `io.kontena.cluster=${cluster}`;

/** Removes every container of a cluster from an engine, and its anonymous volumes. Returns how many there were. */
export async function removeContainers(socket: string, cluster: string): Promise<number> {
  const filters = encodeURIComponent(JSON.stringify({ label: [clusterLabel(cluster)] }));
  const found: unknown = JSON.parse((await ask(socket, 'GET', `/containers/json?all=1&filters=${filters}`)).text);
  const ids = Array.isArray(found) ? found.map((entry: { readonly Id?: unknown }) => String(entry.Id)) : [];
  await Promise.all(ids.map((id) => ask(socket, 'DELETE', `/containers/${id}?force=1&v=1`)));
  return ids.length;
}

interface Answer {
  readonly text: string;
  /** As the engine says in a header; undefined when it does not. */
  readonly apiVersion: string | undefined;
}

function ask(socket: string, method: 'GET' | 'DELETE', path: string): Promise<Answer> {
  const failed = (why: string): KontenaError => new KontenaError('KON_ENGINE_UNREACHABLE', `no container engine answers at ${socket}: ${why}`);
  return new Promise((resolve, reject) => {
    const call = request({ socketPath: socket.replace(/^unix:\/\//, ''), method, path, ...(method === 'GET' ? { timeout: ANSWER_LIMIT_MS } : {}) }, (response) => {
      const pieces: Buffer[] = [];
      response.on('data', (piece: Buffer) => pieces.push(piece));
      response.on('error', reject);
      response.on('end', () => {
        const text = Buffer.concat(pieces).toString('utf8');
        const status = response.statusCode ?? 0;
        // what is gone or on its way out is as gone as can be asked for
        if (status < 400 || (method === 'DELETE' && (status === 404 || status === 409))) resolve({ text, apiVersion: response.headers['api-version']?.toString() });
        else reject(failed(`${String(status)} ${text.trim()}`));
      });
    });
    call.on('timeout', () => call.destroy(new Error('it does not answer')));
    call.on('error', (error) => {
      const isForbidden = 'code' in error && error.code === 'EACCES';
      reject(isForbidden ? new KontenaError('KON_ENGINE_FORBIDDEN', `this user may not open the socket ${socket} of the container engine`) : failed(messageOf(error)));
    });
    call.end();
  });
}
