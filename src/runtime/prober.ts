import { get, type IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import { messageOf, type Millis } from '../model/index.js';
import type { Answer, Probe, Prober } from '../ports/index.js';

/** Asks over the machine's own network. */
export const networkProber: Prober = {
  probe: (address, probe, timeoutMs) => (probe.protocol === 'tcp' ? probeTcp(address, probe.port, timeoutMs) : probeHttp(address, probe, timeoutMs)),
};

function probeTcp(address: string, port: number, timeoutMs: Millis): Promise<Answer> {
  return new Promise((resolve) => {
    const socket = connect({ host: address, port });
    const settle = (isGood: boolean, said: string): void => {
      socket.destroy();
      resolve({ isGood, said });
    };
    socket.setTimeout(timeoutMs, () => settle(false, `port ${port} did not answer within ${timeoutMs / 1000} s`));
    socket.once('connect', () => settle(true, `port ${port} takes connections`));
    socket.once('error', (error) => settle(false, `port ${port} does not answer: ${messageOf(error)}`));
  });
}

/** What is read of a body: a status alone is also sent by servers that hang before they have more to say. */
const BODY_BYTES = 10 * 1024;

function probeHttp(address: string, { port, uri }: Extract<Probe, { protocol: 'http' }>, timeoutMs: Millis): Promise<Answer> {
  const what = `GET :${String(port)}${uri}`;
  const signal = AbortSignal.timeout(timeoutMs);
  return new Promise((resolve) => {
    const settle = (isGood: boolean, said: string): void => resolve({ isGood, said: `${what}${said}` });
    const fail = (error: Error): void => settle(false, signal.aborted ? ` did not answer within ${timeoutMs / 1000} s` : `: ${messageOf(error)}`);
    const request = get({ host: address, port, path: uri, headers: { 'user-agent': 'kontena' }, agent: false, signal }, (response) => {
      const { statusCode = 0 } = response;
      read(response, BODY_BYTES).then(() => settle(statusCode >= 200 && statusCode < 400, ` answered ${statusCode}`), fail);
    });
    request.once('error', fail);
  });
}

/** Reads to the end, or so far, and closes. */
async function read(response: IncomingMessage, limit: number): Promise<void> {
  let size = 0;
  for await (const chunk of response) if ((size += (chunk as Buffer).length) >= limit) return;
}
