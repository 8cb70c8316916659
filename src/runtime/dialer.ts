import { connect, type Socket } from 'node:net';
import { KontenaError, messageOf, type Millis } from '../model/index.js';
import type { ByteStream, Dialer } from '../ports/index.js';

const CONNECT_LIMIT_MS: Millis = 10_000;

/** Real TCP connections. */
export const tcpDialer: Dialer = {
  dial: ({ host, port, about }, signal) =>
    new Promise((resolve, reject) => {
      const socket = connect({ host, port, allowHalfOpen: true, signal });
      const refuse = (reason: string): void => {
        socket.destroy();
        reject(new KontenaError('KON_PORT_UNREACHABLE', `${about} cannot be reached: ${reason}`));
      };
      socket.setTimeout(CONNECT_LIMIT_MS, () => refuse(`nothing answers at ${host} within ${CONNECT_LIMIT_MS / 1000} s`));
      socket.once('error', (error) => refuse(messageOf(error)));
      socket.once('connect', () => {
        socket.setTimeout(0);
        socket.removeAllListeners('error');
        resolve(asBytes(socket, about));
      });
    }),
};

function asBytes(socket: Socket, about: string): ByteStream {
  socket.on('error', () => undefined); // told to whoever reads
  return {
    async *received() {
      try {
        for await (const bytes of socket.iterator({ destroyOnReturn: false })) yield bytes as Buffer; // the other way may go on
      } catch (error) {
        throw new KontenaError('KON_PORT_UNREACHABLE', `the connection to ${about} broke: ${messageOf(error)}`, { cause: error });
      }
    },
    send: (bytes) => new Promise((resolve) => {
      if (socket.destroyed || socket.writableEnded) resolve(false);
      else socket.write(bytes, (error) => resolve(error === null || error === undefined));
    }),
    end: () => void socket.end(),
    close: () => void socket.destroy(),
  };
}
