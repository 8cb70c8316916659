import { type ChannelCredentials, Client } from '@grpc/grpc-js';
import { CHANNEL_OPTIONS } from '../client/call.js';
import { NodeLinkService } from '../gen/kontena/v1/node.js';
import { nodeWire } from '../server/stream-wire.js';

/** Assignments come whole; hundreds of large services on one node must not keep it from ever being told. */
const MAX_ASSIGNMENTS_BYTES = 64 * 1024 * 1024;

/**
 * A client that is closed while it waits for its next try makes that try all the same, and holds the connection for ever. When
 * to try again is decided by whoever dials, with a client of its own; this one hardly waits, so that none is waiting when it is closed.
 */
const OPTIONS = {
  ...CHANNEL_OPTIONS,
  'grpc.max_receive_message_length': MAX_ASSIGNMENTS_BYTES,
  'grpc.initial_reconnect_backoff_ms': 1,
  'grpc.max_reconnect_backoff_ms': 1,
} as const;

/** One session with the master at HOST:PORT, over a connection of its own. */
export function dialSession(master: string, credentials: ChannelCredentials): ReturnType<typeof nodeWire> {
  const client = new Client(master, credentials, OPTIONS);
  const { path, requestSerialize, responseDeserialize } = NodeLinkService.session;
  return nodeWire(client.makeBidiStreamRequest(path, requestSerialize, responseDeserialize), master, () => client.close());
}
