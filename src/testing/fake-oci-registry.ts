import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** An OCI registry of a few lines: what the distribution API says of blobs, manifests, tags and the catalogue. */
export async function fakeOciRegistry(authorization?: string): Promise<{ readonly host: string; readonly manifests: Map<string, string>; readonly blobs: Map<string, string>; /** Method and path of each request. */ readonly asked: readonly string[]; readonly close: () => void }> {
  const blobs = new Map<string, string>();
  const manifests = new Map<string, string>();
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(`${request.method ?? ''} ${request.url ?? ''}`);
    if (authorization !== undefined && request.headers.authorization !== authorization) {
      response.writeHead(401, { 'www-authenticate': 'Basic realm="fake"' }).end();
      return;
    }
    void answer(request, response, { blobs, manifests });
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as AddressInfo;
  return { host: `127.0.0.1:${String(port)}`, manifests, blobs, asked, close: () => server.close().closeAllConnections() };
}

interface Kept {
  readonly blobs: Map<string, string>;
  readonly manifests: Map<string, string>;
}

interface Asked extends Kept {
  readonly url: URL;
  readonly repository: string;
  /** A digest or a tag. */
  readonly last: string;
  readonly body: string;
}

interface Said {
  readonly status: number;
  readonly text?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

const found = (text: string | undefined): Said => (text === undefined ? { status: 404, text: '{"errors":[]}' } : { status: 200, text });

const ANSWERS: Readonly<Record<string, (asked: Asked) => Said>> = {
  'POST blobs': ({ repository }) => ({ status: 202, headers: { location: `/v2/${repository}/blobs/uploads/1?state=x` } }),
  'PUT blobs': ({ url, body, blobs }) => {
    const digest = `sha256:${createHash('sha256').update(body).digest('hex')}`;
    if (url.searchParams.get('digest') !== digest || url.searchParams.get('state') !== 'x') return { status: 400, text: '{"errors":[{"message":"wrong digest"}]}' };
    blobs.set(digest, body);
    return { status: 201 };
  },
  'PUT manifests': ({ repository, last, body, manifests }) => {
    manifests.set(`${repository}:${last}`, body);
    return { status: 201 };
  },
  'GET manifests': ({ repository, last, manifests }) => found(manifests.get(`${repository}:${last}`)),
  'GET tags': ({ repository, manifests }) => {
    const tags = [...manifests.keys()].filter((key) => key.startsWith(`${repository}:`)).map((key) => key.slice(repository.length + 1));
    return found(tags.length === 0 ? undefined : JSON.stringify({ name: repository, tags }));
  },
  'HEAD blobs': ({ last, blobs }) => found(blobs.get(last)),
  'GET blobs': ({ last, blobs }) => found(blobs.get(last)),
  'GET ': ({ manifests }) => found(JSON.stringify({ repositories: [...new Set([...manifests.keys()].map((key) => key.replace(/:[^:]*$/, '')))] })),
};

async function answer(request: IncomingMessage, response: ServerResponse, kept: Kept): Promise<void> {
  const pieces: Buffer[] = [];
  for await (const piece of request) pieces.push(Buffer.from(piece as Uint8Array));
  const url = new URL(request.url ?? '/', 'http://fake');
  const [, repository = '', kind = '', last = ''] = /^\/v2\/(.+)\/(blobs|manifests|tags)\/(?:uploads\/)?([^/]*)$/.exec(url.pathname) ?? [];
  const said = ANSWERS[`${request.method ?? ''} ${kind}`]?.({ ...kept, url, repository, last, body: Buffer.concat(pieces).toString('utf8') }) ?? { status: 405 };
  response.writeHead(said.status, said.headers).end(said.text);
}
