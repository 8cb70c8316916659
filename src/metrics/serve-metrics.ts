import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { collectDefaultMetrics, type Metric as Collected, Registry } from 'prom-client';
import { KontenaError, messageOf, type Millis } from '../model/index.js';
import type { Metric } from './metric.js';

/** Who asks has one short question. */
const REQUEST_LIMIT_MS: Millis = 5_000;
const MOST_CONNECTIONS = 50;

export interface MetricsOptions {
  readonly host: string;
  /** 0 for any free one. */
  readonly port: number;
  readonly metrics: readonly Metric[];
  /** Those that prom-client keeps itself. */
  readonly histograms?: readonly Collected[];
}

/** Tells whoever asks `/metrics`, with what Node says of this process. It is plain HTTP, and asks nobody who they are. @throws KontenaError KON_ADDRESS_UNUSABLE */
export async function serveMetrics({ host, port, metrics, histograms = [] }: MetricsOptions): Promise<{ readonly port: number; close(): Promise<void> }> {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  for (const one of histograms) registry.registerMetric(one);
  for (const { name, help, type, values } of metrics) registry.registerMetric({ name, help, type, aggregator: 'sum', get: async () => ({ name, help, type, aggregator: 'sum', values: await values() }) } as unknown as Collected);
  const server = createServer({ requestTimeout: REQUEST_LIMIT_MS, headersTimeout: REQUEST_LIMIT_MS }, (request, response) => void answer(registry, request, response));
  server.maxConnections = MOST_CONNECTIONS;
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause) => reject(new KontenaError('KON_ADDRESS_UNUSABLE', `metrics cannot be told at ${host}:${port}: ${messageOf(cause)}`, { cause })));
    server.listen(port, host, resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    close: () => new Promise((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    }),
  };
}

async function answer(registry: Registry, { method, url }: IncomingMessage, response: ServerResponse): Promise<void> {
  if (url?.split('?')[0] !== '/metrics') return void response.writeHead(404).end('metrics are at /metrics\n');
  if (method !== 'GET' && method !== 'HEAD') return void response.writeHead(405).end();
  try {
    const text = await registry.metrics();
    response.writeHead(200, { 'content-type': registry.contentType }).end(text);
  } catch (error) {
    response.writeHead(500).end(`${messageOf(error)}\n`);
  }
}
