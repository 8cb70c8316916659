import { child, isMap, plainOf, textOf, wordOf, type Node } from '../text/node.js';
import { tellOthers, type Converting } from './references.js';

/** A port of docker-compose as `[ip:]node:container[/protocol]`; a range as several. */
export function portText(node: Node, { mistakes, path }: Converting): readonly string[] {
  if (isMap(node)) {
    tellOthers(node, 'ports', ['published', 'target', 'protocol', 'host_ip', 'mode', 'name'], { mistakes, path });
    const [published, target, ip] = [child(node, 'published'), child(node, 'target'), textOf(child(node, 'host_ip'))];
    const protocol = textOf(child(node, 'protocol')) ?? 'tcp';
    if (published !== undefined && target !== undefined) return [`${ip === undefined ? '' : `${ip}:`}${wordOf(published)}:${wordOf(target)}${protocol === 'tcp' ? '' : `/${protocol}`}`];
    mistakes.warn(node.at, path, 'a port without a port of the node has no counterpart', { hint: 'services reach each other at every port' });
    return [];
  }
  const text = wordOf(node);
  const match = /^(?:(.+):)?(\d+)(?:-(\d+))?:(\d+)(?:-(\d+))?(\/\w+)?$/.exec(text);
  if (match === null) {
    mistakes.warn(node.at, path, `port ${text} names no port of the node`, { hint: 'write "NODE:CONTAINER", or leave it out: services reach each other at every port' });
    return [];
  }
  const [, ip, first, last = first, container, , protocol = ''] = match;
  const many = Math.min(Number(last) - Number(first), 1000);
  return Array.from({ length: many + 1 }, (_, step) => `${ip === undefined ? '' : `${ip}:`}${Number(first) + step}:${Number(container) + step}${protocol}`);
}

/** A mount of docker-compose as `[source:]path[:flags]`. */
export function mountText(node: Node, { mistakes, path }: Converting): readonly string[] {
  const text = isMap(node) ? longMount(node) : wordOf(node);
  if (text !== undefined) tellOthers(node, 'volumes', ['type', 'source', 'target', 'read_only'], { mistakes, path });
  if (text === undefined) {
    mistakes.warn(node.at, path, 'this mount has no counterpart', { hint: 'use tmpfs for a mount in memory' });
    return [];
  }
  if (!/^(\.|~)/.test(text)) return [text];
  mistakes.warn(node.at, path, `${text} is relative to one machine, and is left out: an instance may run on any node`, { hint: 'put the files into the image, use a volume, or write an absolute path of the nodes' });
  return [];
}

function longMount(node: Node): string | undefined {
  const [type, source, target] = ['type', 'source', 'target'].map((key) => textOf(child(node, key)));
  const isReadOnly = plainOf(child(node, 'read_only') ?? node) === true;
  if (target === undefined || type === 'tmpfs') return undefined;
  return `${source === undefined ? '' : `${source}:`}${target}${isReadOnly ? ':ro' : ''}`;
}
