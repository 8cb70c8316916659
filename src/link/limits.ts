import type { Millis } from '../model/index.js';

/**
 * What the other end of the link may take of the master, in one place. They keep a master that is flooded from any one
 * side under 200 MB: at rest it takes about 85.
 */

const KIB = 1024;
const MIB = 1024 * KIB;

/** How many connections: in all, and of one address or one key. */
export interface Room {
  readonly inAll: number;
  readonly each: number;
}

/** Connections in their TLS handshake. A thousand agents that come back at once are through within seconds, whoever idles makes room. */
export const HANDSHAKES: Room = { inAll: 256, each: 192 };
/** A handshake takes milliseconds, and a few seconds over the worst of lines. */
export const HANDSHAKE_LIMIT_MS: Millis = 10_000;

/** Connections of those who have no certificate of ours: they join, which takes a second, and leave; or show a token, and are clients from then on. */
export const STRANGERS: Room = { inAll: 96, each: 64 };
/** A stranger's connection ends so long after it began, whatever it does but to show a token. */
export const STRANGER_LIMIT_MS: Millis = 10_000;

/** Connections of one agent's key: the one it has, the one that replaces it, and one to renew its certificate. */
export const AGENTS: Room = { inAll: 50_000, each: 3 };
/** An agent's session and its renewal; its largest messages are log lines and parts of a snapshot, some 1 MiB at most. */
export const AGENT_OPTIONS = { 'grpc.max_concurrent_streams': 4, 'grpc.max_receive_message_length': 2 * MIB } as const;

/** Connections of one client's certificate: as many people and programs as may share one. */
export const CLIENTS: Room = { inAll: 1_000, each: 48 };
/** A stack with its files and the values for its secrets; what gRPC allows unless told otherwise. */
export const CLIENT_OPTIONS = { 'grpc.max_concurrent_streams': 16, 'grpc.max_receive_message_length': 4 * MIB } as const;

/** What is sent by somebody who shows a token is a client's; until then nothing of it is read. */
export const STRANGER_OPTIONS = { ...CLIENT_OPTIONS, 'grpc-node.max_session_memory': 4 } as const;
/** Requests to join or to sign in that are being received at once: 32 MiB. They take 1 KiB, and are here as soon as they are sent. */
export const STRANGER_REQUESTS: Room = { inAll: 8, each: 4 };

/** Requests of one client's certificate that are being received at once: 16 MiB. Others wait, which costs at most 64 KiB each. */
export const REQUESTS_RECEIVED = 4;
/** A request has come whole by then; 4 MiB do at 1.2 Mbit/s. */
export const REQUEST_LIMIT_MS: Millis = 30_000;
/** Streams (watches, logs, lists) of one client's certificate at once: ten people with six terminals each. */
export const STREAMS_ANSWERED = 64;
/** Of them, those that go both ways (forwarded ports, reflection), where each message may be as large as a request. */
export const STREAMS_BOTH_WAYS = 24;
/** A reader that takes nothing for so long is cut: what is kept for it is memory, and an agent's window. */
export const READER_LIMIT_MS: Millis = 120_000;

/** Messages that a snapshot of a node may come in: 100 reports each, when agents of ours send it. */
export const SNAPSHOT_PARTS = 1_000;
/** Messages that either end of the link may have under way on one stream: enough to keep the wire busy, little enough to hold. */
export const STREAM_WINDOW = 8;
/** What waits for all readers of streams together, in characters or bytes. Above it, readers who are behind are cut. */
export const STREAMS_WAITING = 16 * MIB;

/** Of a sentence by which an agent gives a reason. */
export const REASON_CHARACTERS = 1_000;
/** Of a name that an agent gives: of a driver, an address, a hook; and how many of them a list may have. */
export const NAME_CHARACTERS = 200;
export const LIST_ENTRIES = 200;
/** Of what an agent says of one balancer: routes, and instances behind each. */
export const BALANCER_ROUTES = 1_000;
export const ROUTE_SERVERS = 1_000;
/** Of what an agent says that its instances use. */
export const STATISTICS_INSTANCES = 5_000;
/** Of a path in a container, as the kernel has it at most. */
export const PATH_CHARACTERS = 4_096;
/** A longer line of a container's output is cut; an agent keeps the last ten. */
export const OUTPUT_LINE_CHARACTERS = 4_096;
export const OUTPUT_LINES = 20;
/** A longer line of a log is cut. */
export const LOG_LINE_CHARACTERS = 64 * KIB;
/** Lines in one message. */
export const LOG_LINES = 1_000;

/** Warnings of one kind a minute: a flood is told of, and does not become one of the log. */
export const WARNINGS_A_MINUTE = 10;
