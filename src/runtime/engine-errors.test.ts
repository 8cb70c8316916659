import { describe, expect, test } from '@jest/globals';
import { KontenaError } from '../model/index.js';
import { toKontenaError } from './engine-errors.js';

const SOCKET = 'unix:///run/docker.sock';
/** As dockerode throws it. */
const refused = (statusCode: number, message: string): Error => Object.assign(new Error(`(HTTP code ${statusCode}) server error - ${message} `), { statusCode, json: { message } });

describe('what an engine refuses, in its own sentence without the noise', () => {
  const cases: readonly (readonly [string, number, string, readonly [string, string]])[] = [
    ['a port that another container holds', 500, 'driver failed programming external connectivity on endpoint todo.web-1.5 (0123abcdef): Bind for 0.0.0.0:8080 failed: port is already allocated', ['KON_PORT_TAKEN', 'web: port 8080 of the node is taken']],
    ['a port that another program holds', 500, 'driver failed programming external connectivity on endpoint x (ab): Error starting userland proxy: listen tcp4 0.0.0.0:80: bind: address already in use', ['KON_PORT_TAKEN', 'web: port 80 of the node is taken']],
    ['a port of IPv6', 500, 'Error starting userland proxy: listen tcp6 [::]:443: bind: address already in use', ['KON_PORT_TAKEN', 'web: port 443 of the node is taken']],
    ['a port, as newer engines say it', 500, 'failed to set up container networking: driver failed programming external connectivity on endpoint x (ab): failed to bind host port for 0.0.0.0:81:172.17.0.2:80/tcp: address already in use', ['KON_PORT_TAKEN', 'web: port 81 of the node is taken']],
    ['an image that is not there', 404, 'No such image: web:1', ['KON_IMAGE_UNAVAILABLE', 'web: No such image: web:1']],
    ['a container that is not there', 404, 'No such container: todo.web-1.5', ['KON_CONTAINER_MISSING', 'web: No such container: todo.web-1.5']],
    ['a container on its way out', 409, 'container is marked for removal and cannot be started', ['KON_CONTAINER_MISSING', 'web: container is marked for removal and cannot be started']],
    ['a command that is not there, engine 20.10', 400, 'OCI runtime create failed: container_linux.go:380: starting container process caused: exec: "/nope": stat /nope: no such file or directory: unknown', ['KON_ENGINE_REFUSED', 'web: exec: "/nope": stat /nope: no such file or directory']],
    ['a command that is not there, engine 28', 400, 'failed to create task for container: failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: exec: "/nope": executable file not found in $PATH: unknown', ['KON_ENGINE_REFUSED', 'web: exec: "/nope": executable file not found in $PATH']],
    ['an option it does not know', 400, 'invalid CPU quota', ['KON_ENGINE_REFUSED', 'web: invalid CPU quota']],
  ];
  test.each(cases)('%s', (_title, status, message, said) => {
    const error = toKontenaError(refused(status, message), 'web', SOCKET);
    expect([error.code, error.message]).toEqual(said);
  });
});

test.each([
  ['ENOENT', 'there is no such socket'],
  ['ECONNREFUSED', 'nothing listens on the socket'],
  ['EACCES', 'this user may not open the socket'],
  ['ECONNRESET', 'the connection was cut'],
  ['EELSE', 'connect EELSE'],
])('an engine that does not answer (%s) is named by its socket', (code, reason) => {
  const error = toKontenaError(Object.assign(new Error(`connect ${code}`), { code }), 'web', SOCKET);
  expect([error.code, error.message]).toEqual(['KON_ENGINE_UNREACHABLE', `the container engine at unix:///run/docker.sock does not answer: ${reason}`]);
});

test('a call that was given up took too long', () => {
  const limit = new AbortController();
  limit.abort();
  expect(toKontenaError(limit.signal.reason, 'web', SOCKET).message).toContain('it took too long');
});

test('a fault of ours is not put on the engine', () => {
  expect(toKontenaError(new TypeError('x is undefined'), 'cannot start web', SOCKET)).toMatchObject({ code: 'KON_INTERNAL', message: expect.stringContaining('x is undefined') });
});

test('a refusal whose answer dockerode could not read is without its preface too', () => {
  const error = Object.assign(new Error('(HTTP code 500) server error - strconv.ParseInt: parsing "yesterday": invalid syntax '), { statusCode: 500, json: null });
  expect(toKontenaError(error, 'cannot read the logs', SOCKET).message).toBe('cannot read the logs: strconv.ParseInt: parsing "yesterday": invalid syntax');
});

test('our own errors pass', () => {
  const error = new KontenaError('KON_CONTAINER_MISSING', 'gone');
  expect(toKontenaError(error, 'web', SOCKET)).toBe(error);
});
