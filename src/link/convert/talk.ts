import { once } from 'node:events';
import type { Writable } from 'node:stream';
import type { ProgramInput, ProgramOutput } from '../../model/index.js';
import type { TwoWay } from '../../ports/index.js';
import type * as control from '../gen/kontena/v1/control.js';
import type * as program from '../gen/kontena/v1/program.js';
import { programInputFrom, programInputTo, programOutputFrom, programOutputTo } from './program.js';

/** Bytes in one message: far below the 4 MB it may have. */
const MAX_BYTES = 256 * 1024;

/** How what goes one way of a call is put on the wire. */
export interface Form<Item, Message> {
  readonly to: (item: Item) => Message;
  /** Undefined for a message that says something else. @throws KON_INVALID */
  readonly from: (message: Message) => Item | undefined;
  /** What is too much for one message, in pieces. */
  readonly pieces: (item: Item) => Iterable<Item>;
}

/** How both ends of a call speak, after what is said first. */
export interface Talk<Open, In, Out, Request, Answer> {
  readonly opening: (message: Request) => Open | undefined;
  readonly input: Form<In, Request>;
  readonly output: Form<Out, Answer>;
}

function* slices(bytes: Uint8Array): Iterable<Uint8Array> {
  for (let from = 0; from < bytes.length; from += MAX_BYTES) yield bytes.subarray(from, from + MAX_BYTES);
}

/** The same memory, as the class that is put on the wire without being copied. */
const bufferOf = (bytes: Uint8Array): Buffer => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);

const bytesTo = (bytes: Uint8Array): { readonly message: { readonly $case: 'bytes'; readonly value: Buffer } } => ({ message: { $case: 'bytes', value: bufferOf(bytes) } });

const BYTES: Form<Uint8Array, control.ForwardMessage> = { to: bytesTo, from: ({ message }) => (message?.$case === 'bytes' ? message.value : undefined), pieces: slices };

const tarFrom = ({ message }: control.UnpackMessage | control.WriteVolumeDataMessage): Uint8Array | undefined => (message?.$case === 'bytes' ? message.value : undefined);

const TAR: Form<Uint8Array, control.UnpackMessage> = { to: bytesTo, from: tarFrom, pieces: slices };

const VOLUME_TAR: Form<Uint8Array, control.WriteVolumeDataMessage> = { to: bytesTo, from: tarFrom, pieces: slices };

const NOTHING: Form<Uint8Array, control.UnpackResponse> = { to: () => ({}), from: () => undefined, pieces: () => [] };

const INPUT: Form<ProgramInput, control.ProgramMessage> = {
  to: (input) => ({ message: { $case: 'input', value: programInputTo(input) } }),
  from: ({ message }) => (message?.$case === 'input' ? programInputFrom(message.value) : undefined),
  pieces: function* pieces(input) {
    if (input.kind !== 'input') yield input;
    else for (const bytes of slices(input.bytes)) yield { ...input, bytes };
  },
};

const OUTPUT: Form<ProgramOutput, program.ProgramOutput> = {
  to: programOutputTo,
  from: programOutputFrom,
  pieces: function* pieces(output) {
    if (output.kind !== 'output') yield output;
    else for (const bytes of slices(output.bytes)) yield { ...output, bytes };
  },
};

/** A forwarded port: bytes both ways. */
export const FORWARDED: Talk<control.ForwardOpen, Uint8Array, Uint8Array, control.ForwardMessage, control.ForwardMessage> = {
  opening: ({ message }) => (message?.$case === 'open' ? message.value : undefined), input: BYTES, output: BYTES,
};

/** A program, and whoever speaks with it. */
export const SPOKEN_WITH: Talk<control.ProgramOpen, ProgramInput, ProgramOutput, control.ProgramMessage, program.ProgramOutput> = {
  opening: ({ message }) => (message?.$case === 'open' ? message.value : undefined), input: INPUT, output: OUTPUT,
};

/** A tar that is unpacked: bytes one way, and nothing but the end the other. */
export const UNPACKED: Talk<control.AtPathRequest, Uint8Array, Uint8Array, control.UnpackMessage, control.UnpackResponse> = {
  opening: ({ message }) => (message?.$case === 'open' ? message.value : undefined), input: TAR, output: NOTHING,
};

/** A tar that a volume is to hold: as one that is unpacked. */
export const VOLUME_WRITTEN: Talk<control.WriteVolumeData, Uint8Array, Uint8Array, control.WriteVolumeDataMessage, control.WriteVolumeDataResponse> = {
  opening: ({ message }) => (message?.$case === 'open' ? message.value : undefined), input: VOLUME_TAR, output: NOTHING,
};

export interface Ends<Sent, Received, SentMessage, ReceivedMessage> {
  /** What the other end of the call says, after what it says first. */
  readonly messages: AsyncIterator<unknown>;
  readonly sent: Form<Sent, SentMessage>;
  readonly received: Form<Received, ReceivedMessage>;
  readonly call: Writable;
  readonly close: () => void;
  /** In the words of our table. */
  readonly explain: (error: unknown) => Error;
}

/** One end of a call in which both speak. */
export const endOfCall = <Sent, Received, SentMessage, ReceivedMessage>({ messages, sent, received, call, close, explain }: Ends<Sent, Received, SentMessage, ReceivedMessage>): TwoWay<Sent, Received> => ({
  async *received() {
    try {
      for (let next = await messages.next(); next.done !== true; next = await messages.next()) {
        const item = received.from(next.value as ReceivedMessage);
        if (item !== undefined) yield item;
      }
    } catch (error) {
      throw explain(error);
    }
  },
  send: async (item) => {
    for (const piece of sent.pieces(item)) {
      if (call.destroyed || call.writableEnded) return false;
      if (!call.write(sent.to(piece))) await drained(call);
    }
    return !call.destroyed;
  },
  end: () => void call.end(),
  close,
});

/** Resolves when the call takes more, or never will. */
async function drained(call: Writable): Promise<void> {
  const over = new AbortController();
  const stop = (): void => over.abort();
  call.once('close', stop).once('error', stop);
  await once(call, 'drain', { signal: over.signal }).catch(() => undefined);
  call.off('close', stop).off('error', stop);
}
