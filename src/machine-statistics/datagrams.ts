import { createSocket, type Socket } from 'node:dgram';
import { isIPv6 } from 'node:net';
import type { Datagrams } from '../ports/index.js';

/** What goes into one packet on any network: what is larger is taken apart on the way, and lost whole with any part. */
const PACKET_BYTES = 1_400;

/** Sends over UDP. Whoever is not there hears nothing, and nobody is told. */
export function udpDatagrams(): Datagrams {
  const sockets = new Map<'udp4' | 'udp6', Socket>();
  const socketFor = (host: string): Socket => {
    const type = isIPv6(host) ? 'udp6' : 'udp4';
    let socket = sockets.get(type);
    if (socket === undefined) {
      socket = createSocket(type).on('error', () => undefined).unref();
      sockets.set(type, socket);
    }
    return socket;
  };
  return {
    send: ({ host, port }, texts) => {
      for (const packet of packets(texts)) socketFor(host).send(packet, port, host, () => undefined);
    },
    close: () => sockets.forEach((socket) => socket.close()),
  };
}

/** As many texts as fit a packet, a line each. */
function packets(texts: readonly string[]): readonly string[] {
  const all: string[] = [];
  for (const text of texts) {
    const last = all.at(-1);
    if (last !== undefined && Buffer.byteLength(last) + Buffer.byteLength(text) < PACKET_BYTES) all[all.length - 1] = `${last}\n${text}`;
    else all.push(text);
  }
  return all;
}
