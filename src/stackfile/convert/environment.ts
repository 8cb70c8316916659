import { NO_NAMES } from '../text/compose-advice.js';
import { isNull, wordOf, type Node } from '../text/node.js';
import { pairsOf, type InService, type Made } from './references.js';

/** What stands where an address has its host: `HOST`, `HOST:PORT`, `//HOST`, `…@HOST`, one or several. */
const HOST = /(?<=^|@|\/\/|[,;=\s])[\w.-]+(?=$|:(?!\/\/)|[/,;?\s])/g;

/** `environment`, without names that have no value; says where a value is the address of another service. */
export function environmentKeys(node: Node, { mistakes, path, services, filled }: InService): Made {
  const entries = pairsOf(node).flatMap(([name, value]) => {
    if (isNull(value)) {
      mistakes.warn(value.at, [...path, name], `${name} has no value, and is left out: docker-compose takes that of its own environment`, { hint: `declare a variable ${name} with from: {env: ${name}}, and write ${name}: \${${name}}` });
      return [];
    }
    const other = (filled(wordOf(value)).match(HOST) ?? []).find((host) => services.includes(host));
    if (other !== undefined) mistakes.warn(value.at, [...path, name], `${name} names the service "${other}", and no container finds it by that name`, { hint: NO_NAMES });
    return [[name, wordOf(value)] as const];
  });
  return { environment: Object.fromEntries(entries) };
}
