import { randomInt } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { connect, isIPv6 } from 'node:net';
import { later, type Millis } from '../model/index.js';
import type { Clock } from '../ports/index.js';
import { writeEdns } from './edns.js';
import type { Query } from './message.js';
import { type PassedOn, readPassedOn } from './passed-on.js';
import { CODE, FLAG, framed, HEADER_BYTES } from './wire.js';

/** How long one server may take by one way. */
const ANSWER_MS: Millis = 2_000;

export interface Upstream {
  readonly address: string;
  readonly port: number;
}

/** How to ask: what goes with each question, and time. */
export interface Asking {
  readonly clock: Clock;
  /** Through which servers of ours the question has come, this one included. */
  readonly way: Buffer;
}

/**
 * Asks one server: by UDP, by TCP where its answer is larger than that, and without EDNS where it knows none.
 *
 * @returns undefined when it does not answer
 */
export async function askUpstream(query: Query, server: Upstream, asking: Asking): Promise<PassedOn | undefined> {
  const said = await askByUdp(query, server, asking);
  if (said?.isTruncated === true) return askByTcp(query, server, asking);
  const knowsNoEdns = said?.code === CODE.malformed || said?.code === CODE.notImplemented;
  if (!knowsNoEdns) return said;
  const plain = await askByUdp(query, server, { ...asking, way: undefined });
  return plain?.isTruncated === true ? askByTcp(query, server, { ...asking, way: undefined }) : plain;
}

type Way = Omit<Asking, 'way'> & { readonly way: Buffer | undefined };

/** The question alone, under an id of our own that only who was asked knows. */
function questionFor({ questionBytes, flags, edns }: Query, way: Buffer | undefined): { readonly id: number; readonly bytes: Buffer } {
  const opt = way === undefined ? Buffer.alloc(0) : writeEdns({ isDnssecOk: edns?.isDnssecOk ?? false, way });
  const header = Buffer.alloc(HEADER_BYTES);
  const id = randomInt(0x1_0000);
  header.writeUInt16BE(id, 0);
  header.writeUInt16BE(FLAG.recursionDesired | flags, 2);
  header.writeUInt16BE(1, 4);
  header.writeUInt16BE(way === undefined ? 0 : 1, 10);
  return { id, bytes: Buffer.concat([header, questionBytes, opt]) };
}

/** From a port of its own that nobody can know: who would answer in another's place must guess that, the id, and the address that the system takes answers from. */
function askByUdp(query: Query, { address, port }: Upstream, { clock, way }: Way): Promise<PassedOn | undefined> {
  const { id, bytes } = questionFor(query, way);
  return new Promise((resolve) => {
    const socket = createSocket(isIPv6(address.replace(/%.*/, '')) ? 'udp6' : 'udp4');
    let isOver = false;
    const end = (said: PassedOn | undefined): void => {
      if (isOver) return;
      isOver = true;
      callOff();
      socket.close();
      resolve(said);
    };
    const callOff = clock.at(later(clock.now(), ANSWER_MS), () => end(undefined));
    socket.on('error', () => end(undefined));
    socket.on('message', (heard) => {
      const said = readPassedOn(query, id, heard);
      if (said !== undefined) end(said);
    });
    socket.on('connect', () => {
      if (!isOver) socket.send(bytes, (error) => error === null || end(undefined));
    });
    socket.connect(port, address);
  });
}

function askByTcp(query: Query, { address, port }: Upstream, { clock, way }: Way): Promise<PassedOn | undefined> {
  const { id, bytes } = questionFor(query, way);
  return new Promise((resolve) => {
    const socket = connect({ host: address, port });
    let heard = Buffer.alloc(0);
    const end = (said: PassedOn | undefined): void => {
      callOff();
      socket.destroy();
      resolve(said);
    };
    const callOff = clock.at(later(clock.now(), ANSWER_MS), () => end(undefined));
    socket.on('error', () => end(undefined));
    socket.on('close', () => end(undefined));
    socket.on('connect', () => socket.write(framed(bytes)));
    socket.on('data', (piece) => {
      heard = Buffer.concat([heard, piece]);
      if (heard.length < 2 || heard.length < 2 + heard.readUInt16BE(0)) return;
      end(readPassedOn(query, id, heard.subarray(2, 2 + heard.readUInt16BE(0))));
    });
  });
}
