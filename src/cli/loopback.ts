import { createServer, type Server } from 'node:http';
import { KontenaError } from '../model/index.js';

/** Where a browser comes back to from the provider: this machine alone, once. */
export interface Loopback {
  /** `http://127.0.0.1:43567/signed-in` */
  readonly address: string;
  /** The address that it came back to. @throws KontenaError KON_TIMEOUT */
  answer(timeoutMs: number): Promise<string>;
  close(): void;
}

const PATH = '/signed-in';
const SEEN = '<!doctype html><meta charset="utf-8"><title>Kontena</title><p>You may close this window, and go on where you typed <code>login</code>.';

export async function openLoopback(): Promise<Loopback> {
  let arrive: (address: string) => void = () => undefined;
  const arrived = new Promise<string>((done) => (arrive = done));
  const server = createServer(({ url = '' }, response) => {
    const isIt = url.startsWith(`${PATH}?`);
    response.writeHead(isIt ? 200 : 404, { 'content-type': 'text/html', 'referrer-policy': 'no-referrer', connection: 'close' }).end(isIt ? SEEN : '');
    if (isIt) arrive(`http://127.0.0.1${url}`);
  });
  const port = await listening(server);
  return {
    address: `http://127.0.0.1:${String(port)}${PATH}`,
    answer: async (timeoutMs) => {
      const late = new AbortController();
      const timer = setTimeout(() => late.abort(), timeoutMs);
      const gaveUp = new Promise<never>((_done, failed) => late.signal.addEventListener('abort', () => failed(new KontenaError('KON_TIMEOUT', 'nobody came back from the browser'))));
      try {
        return await Promise.race([arrived, gaveUp]);
      } finally {
        clearTimeout(timer);
      }
    },
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

const listening = (server: Server): Promise<number> => new Promise((done, failed) => {
  server.once('error', failed);
  server.listen(0, '127.0.0.1', () => {
    const bound = server.address();
    done(typeof bound === 'object' && bound !== null ? bound.port : 0);
  });
});
