import { expect, test } from '@jest/globals';
import { hostPortText, requireHostPort } from './host-port.js';

test.each([
  ['graphs', 'graphs:8125'], ['graphs.example.com:9125', 'graphs.example.com:9125'], ['10.0.0.7', '10.0.0.7:8125'], ['[fd00::7]', '[fd00::7]:8125'], ['[::1]:1', '[::1]:1'], ['my_host:65535', 'my_host:65535'],
])('%s is %s', (text, whole) => expect(hostPortText(requireHostPort(text, 8125))).toBe(whole));

test.each(['', ':8125', 'graphs:', 'graphs:0', 'graphs:65536', 'graphs:x', 'a b', 'udp://graphs:8125', '::1', '[x]:1', '-graphs', 'graphs:1:2'])('"%s" is refused', (text) => {
  expect(() => requireHostPort(text, 8125)).toThrow(expect.objectContaining({ code: 'KON_INVALID', message: expect.stringContaining(`"${text}" is not an address`) }));
});
