/** docker-compose files to stack files. */
import { stringify } from 'yaml';
import type { Mistake } from '../../model/index.js';
import { Mistakes } from '../text/mistakes.js';
import { child, entriesOf, isMap, isNull, plainOf, textOf, type Node, type Plain } from '../text/node.js';
import { TracedText, type SourceFile } from '../text/source.js';
import { parseYaml } from '../text/yaml.js';
import { withVariables, type ComposeVariable } from './references.js';
import { convertedService } from './service.js';

export interface Converted {
  /** The stack file; absent when the compose file cannot be read. */
  readonly text?: string;
  /** What has no counterpart, each with its line in the compose file. */
  readonly mistakes: readonly Mistake[];
}

/** Makes a stack file of a docker-compose file of version 2 or 3, or of none. `stack` is the name the stack gets. */
export function convertCompose(file: SourceFile, stack: string): Converted {
  const mistakes = new Mistakes();
  const parsed = parseYaml(TracedText.of(file), mistakes);
  if (!isMap(parsed)) {
    if (parsed !== undefined) mistakes.error(parsed.at, [], 'must be a mapping with services');
    return { mistakes: mistakes.all() };
  }
  const { root, variables } = withVariables(parsed);
  const services = child(root, 'services');
  if (!isMap(services)) {
    mistakes.error(root.at, ['services'], 'has no services', { hint: 'version 1 of docker-compose has them at the top: move them under services:' });
    return { mistakes: mistakes.all() };
  }
  for (const { key, keyAt } of entriesOf(root)) {
    if (!['version', 'name', 'services', 'volumes'].includes(key) && !key.startsWith('x-')) mistakes.warn(keyAt, [key], `${key} has no counterpart`, { hint: key === 'networks' ? 'leave it out: there is one network for all' : undefined });
  }
  const volumes = volumesOf(child(root, 'volumes'), mistakes);
  const made = {
    stack,
    version: '0.0.1',
    ...(variables.length === 0 ? {} : { variables: Object.fromEntries(variables.map(variable)) }),
    services: Object.fromEntries(entriesOf(services).map((entry) => [entry.key, convertedService(entry, mistakes)])),
    ...(Object.keys(volumes).length === 0 ? {} : { volumes }),
  };
  if (mistakes.hasErrors()) return { mistakes: mistakes.all() };
  // in YAML 1.1, which stack files are, ports without quotes may be numbers
  return { text: stringify(made, { version: '1.1', lineWidth: 0 }), mistakes: mistakes.all() };
}

const variable = ({ name, default: fallback, isRequired }: ComposeVariable): readonly [string, Plain] => [
  name,
  { type: 'string', ...(fallback === undefined ? {} : { default: fallback }), ...(isRequired || fallback !== undefined ? {} : { required: false }), from: { env: name } },
];

function volumesOf(section: Node | undefined, mistakes: Mistakes): Readonly<Record<string, Plain>> {
  return Object.fromEntries(entriesOf(section).map(({ key, keyAt, value }) => {
    const name = textOf(child(child(value, 'external'), 'name')) ?? textOf(child(value, 'name'));
    const isExternal = child(value, 'external') !== undefined;
    if (!isExternal) mistakes.warn(keyAt, ['volumes', key], `volume "${key}" is not made by the stack`, { hint: `make it beforehand${isNull(value) ? '' : `, with what stands here: ${JSON.stringify(plainOf(value))}`}` });
    return [key, { external: name === undefined ? true : { name } }];
  }));
}
