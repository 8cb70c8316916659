import { get } from 'node:http';
import { connect } from 'node:net';
import { messageOf, type Millis } from '../model/index.js';
import type { Probe, Prober } from '../ports/index.js';

/** Asks over the machine's own network. */
export const networkProber: Prober = {
  probe: (address, probe, timeoutMs) => (probe.protocol === 'tcp' ? probeTcp(address, probe.port, timeoutMs) : probeHttp(address, probe, timeoutMs)),
};

function probeTcp(address: string, port: number, timeoutMs: Millis): Promise<string | undefined> {
  return new Promise((resolve) => {
    const socket = connect({ host: address, port });
    const settle = (answer: string | undefined): void => {
      socket.destroy();
      resolve(answer);
    };
    socket.setTimeout(timeoutMs, () => settle(`port ${port} did not answer within ${timeoutMs / 1000} s`));
    socket.once('connect', () => settle(undefined));
    socket.once('error', (error) => settle(`port ${port} does not answer: ${messageOf(error)}`));
  });
}

function probeHttp(address: string, { port, uri }: Extract<Probe, { protocol: 'http' }>, timeoutMs: Millis): Promise<string | undefined> {
  const what = `GET :${String(port)}${uri}`;
  const signal = AbortSignal.timeout(timeoutMs);
  return new Promise((resolve) => {
    const request = get({ host: address, port, path: uri, headers: { 'user-agent': 'kontena' }, agent: false, signal }, (response) => {
      const { statusCode = 0 } = response;
      response.destroy();
      resolve(statusCode >= 200 && statusCode < 400 ? undefined : `${what} answered ${statusCode}`);
    });
    request.once('error', (error) => resolve(signal.aborted ? `${what} did not answer within ${timeoutMs / 1000} s` : `${what}: ${messageOf(error)}`));
  });
}
