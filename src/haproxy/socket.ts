import { connect } from 'node:net';
import { codeOf, KontenaError, messageOf, type Millis } from '../model/index.js';

/** It answers at once, or it is not there. */
const ANSWER_WITHIN_MS: Millis = 5_000;

/**
 * Says something to HAProxy and hears its answer.
 *
 * @param socket path of a unix socket
 * @throws KontenaError KON_BALANCER_UNREACHABLE
 */
export function ask(socket: string, command: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const pieces: Buffer[] = [];
    const connection = connect(socket);
    const fail = (why: string): void => {
      connection.destroy();
      reject(new KontenaError('KON_BALANCER_UNREACHABLE', `the balancer does not answer at ${socket}: ${why}`));
    };
    connection.setTimeout(ANSWER_WITHIN_MS, () => fail(`nothing within ${ANSWER_WITHIN_MS / 1000} s`));
    connection.on('error', (error) => fail(codeOf(error) === 'ENOENT' ? 'it has not started yet' : messageOf(error)));
    connection.on('data', (piece: Buffer) => pieces.push(piece));
    connection.on('close', () => resolve(Buffer.concat(pieces).toString()));
    connection.end(`${command}\n`);
  });
}
