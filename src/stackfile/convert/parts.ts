import { NO_NAMES } from '../text/compose-advice.js';
import { child, isMap, textOf, wordOf, type Node, type Plain } from '../text/node.js';
import { isOneReference, tellOthers, type Converting, type InService } from './references.js';

/** A number, or a variable that stands for one. */
const NUMBER = String.raw`(\d+|\$\{\w+\})`;
const PORT = new RegExp(String.raw`^(?:(.+):)?${NUMBER}:${NUMBER}(/\w+)?$`);
const RANGE = /^(?:(.+):)?(\d+)-(\d+):(\d+)(?:-\d+)?(\/\w+)?$/;
/** More ports than anybody publishes. */
const MOST_PORTS = 1000;

/** A port of docker-compose as `[ip:]node:container[/protocol]`; a range as several. */
export function portText(node: Node, { mistakes, path }: Converting): readonly string[] {
  if (isMap(node)) {
    tellOthers(node, 'ports', ['published', 'target', 'protocol', 'host_ip', 'mode', 'name'], { mistakes, path });
    const [published, target, ip] = [child(node, 'published'), child(node, 'target'), textOf(child(node, 'host_ip'))];
    const protocol = textOf(child(node, 'protocol')) ?? 'tcp';
    if (published !== undefined && target !== undefined) return [`${ip === undefined ? '' : `${ip}:`}${wordOf(published)}:${wordOf(target)}${protocol === 'tcp' ? '' : `/${protocol}`}`];
    mistakes.warn(node.at, path, 'a port without a port of the node is left out', { hint: NO_NAMES });
    return [];
  }
  const text = wordOf(node);
  if (PORT.test(text)) return [text];
  const [, ip, first, last, container, protocol = ''] = RANGE.exec(text) ?? [];
  if (first === undefined) {
    mistakes.warn(node.at, path, `port ${text} names no port of the node, and is left out`, { hint: NO_NAMES });
    return [];
  }
  const many = Math.min(Number(last) - Number(first), MOST_PORTS);
  return Array.from({ length: many + 1 }, (_, step) => `${ip === undefined ? '' : `${ip}:`}${Number(first) + step}:${Number(container) + step}${protocol}`);
}

/** What a mount of docker-compose becomes: one of `volumes`, `[source:]path[:flags]`, or one of `tmpfs`, `path[:options]`. */
export interface Mounted {
  readonly key: 'volumes' | 'tmpfs';
  readonly text: string;
}

/** A mount of docker-compose; nothing when it has no counterpart, and that has been said. */
export function mountOf(node: Node, { mistakes, path, filled }: InService): readonly Mounted[] {
  if (textOf(child(node, 'type')) === 'tmpfs') return memoryMount(node, { mistakes, path });
  const text = isMap(node) ? longMount(node) : wordOf(node);
  if (text === undefined) {
    mistakes.warn(node.at, path, 'this mount has no target, and is left out');
    return [];
  }
  tellOthers(node, 'volumes', ['type', 'source', 'target', 'read_only'], { mistakes, path });
  if (!/^(\.|~)/.test(filled(text))) return [{ key: 'volumes', text }];
  mistakes.warn(node.at, path, `${filled(text)} is relative to one machine, and is left out: an instance may run on any node`, { hint: 'put the files into the image, use a volume, or write an absolute path of the nodes' });
  return [];
}

function memoryMount(node: Node, { mistakes, path }: Converting): readonly Mounted[] {
  tellOthers(node, 'volumes', ['type', 'target', 'tmpfs'], { mistakes, path });
  tellOthers(child(node, 'tmpfs'), 'volumes.tmpfs', ['size'], { mistakes, path });
  const size = wordOf(child(child(node, 'tmpfs'), 'size'));
  return [{ key: 'tmpfs', text: `${wordOf(child(node, 'target'))}${size === '' ? '' : `:size=${size}`}` }];
}

function longMount(node: Node): string | undefined {
  const [source, target] = ['source', 'target'].map((key) => textOf(child(node, key)));
  const readOnly = child(node, 'read_only');
  const isReadOnly = readOnly?.kind === 'scalar' && readOnly.value === true;
  return target === undefined ? undefined : `${source === undefined ? '' : `${source}:`}${target}${isReadOnly ? ':ro' : ''}`;
}

/** A number; a variable that stands for one stays as it is. */
export const numberOf = (node: Node): Plain => (isOneReference(wordOf(node)) ? wordOf(node) : Number(wordOf(node)));
