/** docker-compose files to stack files. */
import type { Mistake } from '../../model/index.js';
import { COMPOSE_ADVICE } from '../text/compose-advice.js';
import { Mistakes } from '../text/mistakes.js';
import { child, entriesOf, isMap, textOf, type Node, type Plain } from '../text/node.js';
import { TracedText, type SourceFile } from '../text/source.js';
import { parseYaml } from '../text/yaml.js';
import { withVariables, type ComposeVariable } from './references.js';
import { convertedService } from './service.js';
import { stackFileText } from './write.js';

export interface Converted {
  /** The stack file; absent when the compose file cannot be read. */
  readonly text?: string;
  /** What has no counterpart, each with its line in the compose file. */
  readonly mistakes: readonly Mistake[];
}

/** Makes a stack file of a docker-compose file of version 2 or 3, or of none. `stack` is the name the stack gets. */
export function convertCompose(file: SourceFile, stack: string): Converted {
  const mistakes = new Mistakes();
  const parsed = parseYaml(TracedText.of(file), mistakes, { tellsOfMore: true });
  if (!isMap(parsed)) {
    if (parsed !== undefined) mistakes.error(parsed.at, [], 'must be a mapping with services');
    return { mistakes: mistakes.all() };
  }
  const { root, variables } = withVariables(parsed, mistakes);
  const services = child(root, 'services');
  if (!isMap(services)) {
    mistakes.error(root.at, ['services'], 'has no services', { hint: 'version 1 of docker-compose has them at the top: move them under services:' });
    return { mistakes: mistakes.all() };
  }
  for (const { key, keyAt } of entriesOf(root)) {
    if (!['version', 'name', 'services', 'volumes'].includes(key) && !key.startsWith('x-')) mistakes.warn(keyAt, [key], `${key} has no counterpart`, { hint: COMPOSE_ADVICE.get(key) });
  }
  const volumes = volumesOf(child(root, 'volumes'), mistakes);
  const defaults = new Map(variables.map(({ name, default: fallback }) => [`\${${name}}`, fallback]));
  const filled = (text: string): string => text.replace(/\$\{\w+\}/g, (reference) => defaults.get(reference) ?? reference);
  const aroundOf = (name: string) => ({ mistakes, filled, services: entriesOf(services).map(({ key }) => key).filter((other) => other !== name) });
  const content = {
    services: Object.fromEntries(entriesOf(services).map((entry) => [entry.key, convertedService(entry, aroundOf(entry.key))])),
    ...(Object.keys(volumes).length === 0 ? {} : { volumes }),
  };
  if (mistakes.hasErrors()) return { mistakes: mistakes.all() };
  const written = JSON.stringify(content); // what is left out may have been all that used a variable
  const used = variables.filter(({ name }) => written.includes(`\${${name}}`));
  const made = { stack, version: '0.0.1', ...(used.length === 0 ? {} : { variables: Object.fromEntries(used.map(variable)) }), ...content };
  return { text: stackFileText(made), mistakes: mistakes.all() };
}

const variable = ({ name, default: fallback, isRequired }: ComposeVariable): readonly [string, Plain] => [
  name,
  { type: 'string', ...(fallback === undefined ? {} : { default: fallback }), ...(isRequired || fallback !== undefined ? {} : { required: false }), from: { env: name } },
];

/** Of `volume create`, to say what docker-compose says of a volume. */
const createFlags = (volume: Node | undefined): string =>
  [`--driver ${textOf(child(volume, 'driver')) ?? 'local'}`, '--scope stack', ...entriesOf(child(volume, 'driver_opts')).map(({ key, value }) => `--driver-opt ${key}=${textOf(value) ?? ''}`)].join(' ');

function volumesOf(section: Node | undefined, mistakes: Mistakes): Readonly<Record<string, Plain>> {
  return Object.fromEntries(entriesOf(section).map(({ key, keyAt, value }) => {
    const name = textOf(child(child(value, 'external'), 'name')) ?? textOf(child(value, 'name'));
    const extra = isMap(value) ? entriesOf(value).filter((entry) => !['external', 'name'].includes(entry.key)) : [];
    if (extra.length > 0) mistakes.warn(keyAt, ['volumes', key], `${extra.map((entry) => entry.key).join(', ')} of volume "${key}" ${extra.length === 1 ? 'has' : 'have'} no counterpart in a stack file: a volume is declared apart from it`, { hint: `declare it with them: kontenactl volume create ${name ?? key} ${createFlags(value)}` });
    return [key, { external: name === undefined ? true : { name } }];
  }));
}
