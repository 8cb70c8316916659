import { secondsOf } from '../service/units.js';
import { child, isList, wordOf, type Node, type Plain } from '../text/node.js';
import { partsOf, type Converting, type Made } from './references.js';

/** Seconds, where a stack file leaves them open. */
const INTERVAL = 60;
const TIMEOUT = 10;

/** `healthcheck` of docker-compose. */
export function healthcheckKeys(node: Node, { mistakes, path }: Converting): Made {
  const test = child(node, 'test');
  const isOff = (value: Node | undefined): boolean => value?.kind === 'scalar' && value.value === true;
  if (isOff(child(node, 'disable')) || (isList(test) && wordOf(test.items[0]) === 'NONE')) return { healthcheck: { test: ['NONE'] } };
  const healthcheck = partsOf(node, 'healthcheck', ['test', 'interval', 'timeout', 'start_period', 'retries'], { mistakes, path });
  return { healthcheck: { ...(healthcheck as Made), ...fittingTimeout(node, { mistakes, path }) } };
}

/** A check may not take longer than the time to the next one, which docker-compose allows. */
function fittingTimeout(node: Node, { mistakes, path }: Converting): Readonly<Record<string, Plain>> {
  const [interval, timeout] = [child(node, 'interval'), child(node, 'timeout')];
  const seconds = interval === undefined ? INTERVAL : secondsOf(wordOf(interval));
  const taken = timeout === undefined ? TIMEOUT : secondsOf(wordOf(timeout));
  if (seconds === undefined || taken === undefined || taken <= seconds) return {};
  const written = interval === undefined ? `${INTERVAL}s` : wordOf(interval);
  if (timeout !== undefined) mistakes.warn(timeout.at, [...path, 'timeout'], `a timeout of ${wordOf(timeout)} is longer than the interval, and is made ${written}`, { hint: 'raise interval to have both' });
  return { timeout: written };
}
