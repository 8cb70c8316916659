import { createServer, type Socket } from 'node:net';
import { carryBoth } from '../link/client/index.js';
import { KontenaError, messageOf } from '../model/index.js';
import type { ByteStream } from '../ports/index.js';
import { UsageError } from './usage-error.js';

const HIGHEST_PORT = 65_535;

/** `8080:80` → 8080 here, 80 there; `80` means both. @throws UsageError */
export function parsePorts(text: string): { readonly local: number; readonly remote: number } {
  const match = /^(?:(\d{1,5}):)?(\d{1,5})$/.exec(text);
  const remote = Number(match?.[2]);
  const local = Number(match?.[1] ?? remote);
  if (match === null || remote < 1 || remote > HIGHEST_PORT || local > HIGHEST_PORT) throw new UsageError(`"${text}" is no pair of ports: write 8080:80, or 80 for the same port on both sides`);
  return { local, remote };
}

export interface Forwarding {
  /** Address and port of this machine to listen on. */
  readonly host: string;
  readonly port: number;
  /** Ends all of it. */
  readonly signal: AbortSignal;
  /** Makes a way to the other side, for one connection. */
  readonly open: (signal: AbortSignal) => ByteStream;
  readonly listening: (address: string) => void;
  /** Of one connection; the others go on. */
  readonly failed: (error: Error) => void;
}

/** Listens until it is told to end. @throws KON_ADDRESS_UNUSABLE when it cannot listen there */
export function forwardPorts({ host, port, signal, open, listening, failed }: Forwarding): Promise<void> {
  return new Promise((resolve, reject) => {
    const sockets = new Set<Socket>();
    const server = createServer({ allowHalfOpen: true }, (socket) => {
      sockets.add(socket);
      socket.once('close', () => sockets.delete(socket));
      carry(socket, open).catch((error: unknown) => {
        socket.destroy();
        if (!signal.aborted) failed(error instanceof Error ? error : new Error(messageOf(error)));
      });
    });
    server.once('error', (error) => reject(new KontenaError('KON_ADDRESS_UNUSABLE', `cannot listen on ${host}:${String(port)}: ${messageOf(error)}`, { cause: error })));
    server.listen({ host, port, signal }, () => {
      const at = server.address();
      listening(typeof at === 'object' && at !== null ? `${at.address}:${String(at.port)}` : host);
    });
    server.once('close', () => resolve());
    signal.addEventListener('abort', () => sockets.forEach((socket) => socket.destroy()), { once: true });
  });
}

async function carry(socket: Socket, open: Forwarding['open']): Promise<void> {
  const gone = new AbortController();
  socket.once('close', () => gone.abort());
  await carryBoth(bytesOf(socket), open(gone.signal));
}

function bytesOf(socket: Socket): ByteStream {
  socket.on('error', () => undefined); // the program on this side went away: that is its own business
  return {
    async *received() {
      try {
        for await (const bytes of socket.iterator({ destroyOnReturn: false })) yield bytes as Buffer;
      } catch {
        // as above
      }
    },
    send: (bytes) => new Promise((resolve) => {
      if (socket.destroyed || socket.writableEnded) resolve(false);
      else socket.write(bytes, (error) => resolve(error === null || error === undefined));
    }),
    end: () => void socket.end(),
    close: () => {
      socket.destroySoon();
    },
  };
}
