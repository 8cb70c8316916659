import type { ProxyFault } from '../ports/index.js';

/** `[ALERT]    (8) : config : parsing [/etc/kontena/candidate.cfg:45] : unknown keyword …` */
const ALERT = /^\[ALERT\]\s*\(\d+\)\s*:\s*(?:config\s*:\s*)?(.*)$/;
const AT_LINE = /^(?:parsing \[[^\]]*:(\d+)\]\s*:\s*)+(.*)$/;
/** What every refusal ends with. */
const SUMMARY = /^(Error\(s\) found in configuration file|Fatal errors found in configuration|config : Fatal errors)/;

/**
 * What HAProxy did not take of a configuration, and whose it is: by the line that it names, else by the name of a backend.
 *
 * @param output what it wrote when it was asked to check
 * @param owners of each line, in order
 * @param backends routes, by their names for HAProxy
 */
export function faultIn(output: readonly string[], owners: readonly ProxyFault['of'][], backends: ReadonlyMap<string, string>): ProxyFault {
  const alerts = output.map((line) => ALERT.exec(line.trim())?.[1]).filter((alert) => alert !== undefined && !SUMMARY.test(alert));
  const faults = alerts.map((alert) => faultOf(alert as string, owners, backends));
  return faults.find(({ of }) => of !== undefined) ?? faults[0] ?? { words: output.join(' ') };
}

function faultOf(alert: string, owners: readonly ProxyFault['of'][], backends: ReadonlyMap<string, string>): ProxyFault {
  const [, line, words = alert] = AT_LINE.exec(alert) ?? [];
  const named = [...backends].find(([backend]) => alert.includes(`'${backend}'`) || alert.includes(`'${backend}/`));
  const of = (line === undefined ? undefined : owners[Number(line) - 1]) ?? (named === undefined ? undefined : { kind: 'route' as const, name: named[1] });
  return of === undefined ? { words } : { words, of };
}
