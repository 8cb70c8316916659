import type { ClientDuplexStream, ServerDuplexStream } from '@grpc/grpc-js';
import type { KontenaError } from '../../model/index.js';
import { explain, toStatus } from '../convert/errors.js';
import { fromMasterFrom, fromMasterTo, fromNodeFrom, fromNodeTo } from '../convert/node.js';
import type * as gen from '../gen/kontena/v1/node.js';
import type { FromMaster, FromNode, Wire } from '../session/index.js';

interface Ends<Out, In> {
  /** False when the stream is full. */
  readonly send: (message: Out) => boolean;
  readonly end: (error: KontenaError | undefined) => void;
  /** Tells of every message, drain, and the end. */
  readonly listen: (on: { readonly message: (message: In) => void; readonly drain: () => void; readonly close: (error: KontenaError | undefined) => void }) => void;
}

/** A gRPC stream as a wire: closes once, and is silent afterwards. */
class StreamWire<Out, In> implements Wire<Out, In> {
  readonly #ends: Ends<Out, In>;
  #isClosed = false;
  #message: (message: In) => void = () => undefined;
  #drain: () => void = () => undefined;
  #close: (error: KontenaError | undefined) => void = () => undefined;

  constructor(ends: Ends<Out, In>) {
    this.#ends = ends;
    ends.listen({
      message: (message) => this.#ifOpen(() => this.#message(message)),
      drain: () => this.#ifOpen(() => this.#drain()),
      close: (error) => this.#over(error),
    });
  }

  send(message: Out): boolean {
    return this.#isClosed || this.#ends.send(message);
  }

  onMessage(listener: (message: In) => void): void {
    this.#message = listener;
  }

  onDrain(listener: () => void): void {
    this.#drain = listener;
  }

  onClose(listener: (error: KontenaError | undefined) => void): void {
    this.#close = listener;
  }

  close(error?: KontenaError): void {
    if (this.#isClosed) return;
    this.#over(error);
    this.#ends.end(error);
  }

  #over(error: KontenaError | undefined): void {
    this.#ifOpen(() => {
      this.#isClosed = true;
      this.#close(error);
    });
  }

  #ifOpen(run: () => void): void {
    if (!this.#isClosed) run();
  }
}

/** The master's end. */
export function masterWire(call: ServerDuplexStream<gen.FromNode, gen.FromMaster>): Wire<FromMaster, FromNode> {
  return new StreamWire<FromMaster, FromNode>({
    send: (message) => call.write(fromMasterTo(message)),
    end: (error) => {
      if (error === undefined) call.end();
      else call.emit('error', toStatus(error));
    },
    listen: ({ message, drain, close }) => {
      call.on('data', (data: gen.FromNode) => {
        try {
          const said = fromNodeFrom(data);
          if (said !== undefined) message(said);
        } catch (error) {
          call.emit('error', toStatus(error)); // what no agent of ours says
        }
      });
      call.on('drain', drain);
      call.on('cancelled', () => close(undefined));
      call.on('error', () => close(undefined));
      call.on('end', () => {
        close(undefined);
        call.end();
      });
    },
  });
}

/** The agent's end. `server` is HOST:PORT; `release` is called when the stream is over. */
export function nodeWire(call: ClientDuplexStream<gen.FromNode, gen.FromMaster>, server: string, release: () => void): Wire<FromNode, FromMaster> {
  return new StreamWire<FromNode, FromMaster>({
    send: (message) => call.write(fromNodeTo(message)),
    end: () => call.cancel(),
    listen: ({ message, drain, close }) => {
      call.on('data', (data: gen.FromMaster) => {
        try {
          const said = fromMasterFrom(data);
          if (said !== undefined) message(said);
        } catch (error) {
          call.emit('error', error); // what no master of ours says
          call.cancel();
        }
      });
      call.on('drain', drain);
      call.on('error', (error) => {
        close(explain(error, server));
        release();
      });
      call.on('end', () => {
        close(undefined);
        release();
      });
    },
  });
}
