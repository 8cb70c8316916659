import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { USER } from './docker-registry.js';

export interface GitServer {
  /** `127.0.0.1:4711`. */
  readonly host: string;
  readonly close: () => void;
}

/** Serves the repositories in a folder by git's own http-backend behind TLS, to USER alone. */
export async function serveGitOverHttps(folder: string, files: { readonly key: string; readonly certificate: string }): Promise<GitServer> {
  const wanted = `Basic ${Buffer.from(`${USER.name}:${USER.password}`).toString('base64')}`;
  const server = createServer({ key: readFileSync(files.key), cert: readFileSync(files.certificate) }, (request, response) => {
    if (request.headers.authorization === wanted) backend(folder, request, response);
    else response.writeHead(401, { 'www-authenticate': 'Basic realm="git"' }).end();
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as AddressInfo;
  return { host: `127.0.0.1:${port}`, close: () => server.close().closeAllConnections() };
}

/** One request by the Common Gateway Interface. */
function backend(folder: string, request: IncomingMessage, response: ServerResponse): void {
  const url = new URL(request.url ?? '/', 'https://git');
  const { headers } = request;
  const program = spawn('git', ['http-backend'], {
    stdio: ['pipe', 'pipe', 'ignore'],
    env: {
      PATH: process.env['PATH'], GIT_PROJECT_ROOT: folder, GIT_HTTP_EXPORT_ALL: '1', REMOTE_USER: USER.name, REQUEST_METHOD: request.method, PATH_INFO: url.pathname, QUERY_STRING: url.search.slice(1),
      CONTENT_TYPE: headers['content-type'] ?? '', HTTP_CONTENT_ENCODING: headers['content-encoding'] ?? '', HTTP_GIT_PROTOCOL: String(headers['git-protocol'] ?? ''),
      ...(headers['content-length'] === undefined ? {} : { CONTENT_LENGTH: headers['content-length'] }),
    },
  });
  request.pipe(program.stdin.on('error', () => undefined));
  const pieces: Buffer[] = [];
  program.stdout.on('data', (piece: Buffer) => pieces.push(piece));
  program.once('close', () => {
    const all = Buffer.concat(pieces);
    const end = all.indexOf('\r\n\r\n');
    const lines = all.subarray(0, end).toString().split('\r\n').map((line) => line.split(': ') as [string, string]);
    response.writeHead(Number(lines.find(([name]) => name === 'Status')?.[1].slice(0, 3) ?? 200), Object.fromEntries(lines.filter(([name]) => name !== 'Status'))).end(all.subarray(end + 4));
  });
}
