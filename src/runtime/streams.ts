import type { Readable } from 'node:stream';
import type Docker from 'dockerode';
import { INSTANCE_LABEL } from './labels.js';

/** Values of a stream that holds one JSON document per line. */
export async function* jsonLines(stream: NodeJS.ReadableStream): AsyncIterable<unknown> {
  let begun = '';
  stream.setEncoding('utf8');
  for await (const chunk of stream) {
    const lines = (begun + String(chunk)).split('\n');
    begun = lines.pop() ?? '';
    for (const line of lines) if (line.trim() !== '') yield JSON.parse(line);
  }
}

/** The instances that the engine's events are about. */
export async function* changedInstances(stream: NodeJS.ReadableStream): AsyncIterable<string> {
  for await (const event of jsonLines(stream)) {
    const instance = (event as { readonly Actor?: { readonly Attributes?: Readonly<Record<string, string>> } }).Actor?.Attributes?.[INSTANCE_LABEL];
    if (instance !== undefined) yield instance;
  }
}

/** The values of `source` until the signal, after which whatever it throws is no failure. */
export async function* untilAborted<T>(signal: AbortSignal, source: AsyncIterable<T>): AsyncIterable<T> {
  try {
    yield* source;
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}

export const EVERY_BYTE = { stdout: true, stderr: true } as const;
export const EVERYTHING = { ...EVERY_BYTE, timestamps: true } as const;

export interface EngineLogQuery {
  readonly stdout: true;
  readonly stderr: true;
  readonly timestamps?: true;
  readonly follow: boolean;
  readonly tail?: number;
  /** Seconds since 1970. */
  readonly since?: string;
}

/** A moment in the form the engine asks for: seconds since 1970, with a fraction. */
export const engineMoment = (iso: string): string => `${String(Math.floor(Date.parse(iso) / 1000))}.${/\.(\d+)/.exec(iso)?.[1] ?? '0'}`;

/** What lies below dockerode, which has no types for it. */
interface Modem {
  dial(request: object, answer: (error: Error | null, data: unknown) => void): void;
}

/** Opens a container's log as a stream, followed or not: dockerode's own call would gather one that is not followed in memory. */
export function openLogs(client: Docker, id: string, query: EngineLogQuery, signal: AbortSignal): Promise<Readable> {
  return new Promise((resolve, reject) => {
    const request = { path: `/containers/${id}/logs?`, method: 'GET', isStream: true, options: { ...query }, abortSignal: signal, statusCodes: { 200: true, 404: 'no such container', 500: 'server error' } };
    const { modem } = client as { readonly modem: Modem };
    modem.dial(request, (error, data) => (error === null ? resolve(data as Readable) : reject(error)));
  });
}
