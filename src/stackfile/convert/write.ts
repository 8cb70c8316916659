import { Document, isPair, isScalar, Scalar, visit } from 'yaml';
import type { Plain } from '../text/node.js';
import { isOneReference } from './references.js';

/** Where, below a service, the names are not ours, and the values are text. */
const FOREIGN: readonly unknown[] = ['environment', 'labels', 'sysctls', 'args', 'options'];
/** Keys whose values are no text: a variable in their place is written without quotes, for its value to be read as what it is. */
const NOT_TEXT: readonly unknown[] = ['instances', 'cpus', 'cpu_shares', 'privileged', 'read_only', 'init', 'retries', 'ulimits', 'soft', 'hard', 'nofile', 'nproc'];

/** A stack file as YAML 1.1, which stack files are: ports without quotes may be numbers there, and so may what variables stand for. */
export function stackFileText(made: Plain): string {
  const document = new Document(made, { version: '1.1' });
  visit(document, {
    Scalar(key, node, path) {
      if (key === 'key' || typeof node.value !== 'string' || !/(?<!\$)\$\{\w+\}/.test(node.value)) return;
      const keys = path.flatMap((step) => (isPair(step) && isScalar(step.key) ? [step.key.value] : []));
      const isNotText = isOneReference(node.value) && NOT_TEXT.includes(keys.at(-1)) && !keys.slice(2).some((name) => FOREIGN.includes(name));
      node.type = isNotText ? Scalar.PLAIN : Scalar.QUOTE_DOUBLE;
    },
  });
  return document.toString({ lineWidth: 0 });
}
