import type { KontenaError } from '../../model/index.js';

/**
 * One connection, seen from one end: messages arrive in the order they were sent, or the wire closes.
 * The real one is a gRPC stream, the one of the simulation two queues.
 */
export interface Wire<Out, In> {
  /** Takes the message in any case. False: it waits inside; send no more until `onDrain`. After `close`, messages are dropped. */
  send(message: Out): boolean;
  onMessage(listener: (message: In) => void): void;
  onDrain(listener: () => void): void;
  /** Called once, whoever closed it, with why if there is a reason. Also when it could never be opened. */
  onClose(listener: (error: KontenaError | undefined) => void): void;
  /** Ends it; an error closes the other end with the same error. */
  close(error?: KontenaError): void;
}
