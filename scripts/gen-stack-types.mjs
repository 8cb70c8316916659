// Makes code of schemas/*.json: the types of a stack file, and validators that are compiled beforehand, because compiling takes longer than reading.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import standalone from 'ajv/dist/standalone/index.js';
import { compile } from 'json-schema-to-typescript';

const root = join(import.meta.dirname, '..');
const folder = join(root, 'src/stackfile/gen');
const schemaOf = (name) => JSON.parse(readFileSync(join(root, 'schemas', name), 'utf8'));
const NOTE = '// Made by scripts/gen-stack-types.mjs of schemas/; do not edit.';

/** Without words for people: they stay in schemas/, and the validator small. */
const bare = (schema) => {
  if (Array.isArray(schema)) return schema.map(bare);
  if (typeof schema !== 'object' || schema === null) return schema;
  const { description, examples, default: _default, title, ...rest } = schema;
  const isWord = (word) => typeof word === 'string' || Array.isArray(word);
  const kept = { ...rest, ...(isWord(description) ? {} : { description }), ...(Array.isArray(examples) ? {} : { examples }), ...(isWord(title) ? {} : { title }) };
  return Object.fromEntries(Object.entries(kept).filter(([, value]) => value !== undefined).map(([key, value]) => [key, bare(value)]));
};

const stack = schemaOf('stack.schema.json');
const declared = schemaOf('declared-stack.schema.json');
const volume = schemaOf('volume.schema.json');
mkdirSync(folder, { recursive: true });

const types = await compile(stack, 'StackFile', { bannerComment: NOTE, additionalProperties: false, unreachableDefinitions: true, format: false });
writeFileSync(join(folder, 'stack-file.ts'), types);

/** A module of validators, by the names they are exported under; `verbose` lets a mistake say what its schema says. */
const validators = (schema, references) => {
  const ajv = new Ajv({ allErrors: true, verbose: true, strict: false, schemas: [bare(schema)], code: { source: true, esm: true } });
  const code = standalone.default(ajv, references);
  if (code.includes('require(')) throw new Error('The validators need ajv at run time: the schema uses a keyword that does (minLength, uniqueItems, format).');
  return `${NOTE}\n${code}\n`;
};
const declaration = (model, validated) => `${NOTE}\nimport type { ValidateFunction } from 'ajv';\n${model}\n\n${validated}\n`;

// the reader judges variables itself, before they have values
const read = { ...stack, properties: { ...stack.properties, variables: {} }, definitions: { ...stack.definitions, variable: {} } };
writeFileSync(join(folder, 'validate-file.js'), validators(read, { validateStackFile: stack.$id, validateService: `${stack.$id}#/definitions/service`, validateBalancer: `${stack.$id}#/definitions/balancer`, validateLoadBalancer: `${stack.$id}#/definitions/load_balancer` }));
writeFileSync(join(folder, 'validate-file.d.ts'), declaration("import type { Balancer, LoadBalancer, Service, StackFile } from './stack-file.js';",
  'export declare const validateStackFile: ValidateFunction<StackFile>;\nexport declare const validateService: ValidateFunction<Service>;\nexport declare const validateBalancer: ValidateFunction<Balancer>;\nexport declare const validateLoadBalancer: ValidateFunction<LoadBalancer>;'));
writeFileSync(join(folder, 'validate-declared.js'), validators(declared, { validateDeclaredStack: declared.$id }));
writeFileSync(join(folder, 'validate-declared.d.ts'), declaration("import type { StackSpec } from '../../model/index.js';",
  'export declare const validateDeclaredStack: ValidateFunction<StackSpec>;'));

writeFileSync(join(folder, 'volume-file.ts'), await compile(volume, 'VolumeFile', { bannerComment: NOTE, additionalProperties: false, format: false }));
writeFileSync(join(folder, 'validate-volume.js'), validators(volume, { validateVolumeFile: volume.$id }));
writeFileSync(join(folder, 'validate-volume.d.ts'), declaration("import type { VolumeFile } from './volume-file.js';", 'export declare const validateVolumeFile: ValidateFunction<VolumeFile>;'));

/** The type of a key in words. */
const typeWords = (schema) => {
  if (schema.enum) return schema.enum.map((value) => `\`${value}\``).join(' ');
  if (schema.anyOf) return [...new Set(schema.anyOf.map(typeWords))].join(' or ');
  if ('const' in schema) return `\`${schema.const}\``;
  const words = { string: 'text', integer: 'whole number', number: 'number', boolean: 'true or false', array: 'list', object: 'map', null: 'nothing' };
  return [schema.type ?? 'anything'].flat().filter((type) => type !== 'null').map((type) => words[type] ?? type).join(' or ');
};
const cell = (text) => text.replaceAll('|', '\\|').replaceAll('\n', ' ');
const code = (value) => `\`${cell(typeof value === 'string' ? value : JSON.stringify(value))}\``;
const row = (name, schema, required) => `| \`${name}\` | ${cell(typeWords(schema))} | ${required ? 'required' : 'default' in schema ? code(schema.default) : ''} | ${cell(schema.description)} | ${schema.examples ? code(schema.examples[0]) : ''} |`;

/** A map with a table of its own is one row where it is named. */
const named = (schema) => (schema.$ref === undefined ? schema : stack.definitions[schema.$ref.split('/').at(-1)]);

/** The keys of a map of the schema as rows, those inside of them below. */
const rows = (schema, prefix = '') => Object.entries(schema.properties ?? {}).flatMap(([name, inner]) => {
  const maps = [inner, ...(inner.anyOf ?? []), inner.items ?? {}, ...(inner.items?.anyOf ?? [])].filter((one) => one.properties !== undefined && one.additionalProperties === false);
  return [row(`${prefix}${name}`, named(inner), schema.required?.includes(name)), ...maps.flatMap((map) => rows(map, `${prefix}${name}.`))];
});
const table = (schema) => ['| key | type | default | meaning | example |', '|---|---|---|---|---|', ...rows(schema)].join('\n');

const manual = join(root, 'docs/stack-file.md');
let text = readFileSync(manual, 'utf8');
for (const [name, schema] of Object.entries({ file: stack, ...stack.definitions, 'volume file': volume })) {
  const [begin, end] = [`<!-- keys of ${name}: made by scripts/gen-stack-types.mjs -->`, `<!-- end of keys of ${name} -->`];
  if (!text.includes(begin)) throw new Error(`docs/stack-file.md lacks ${begin}`);
  text = text.slice(0, text.indexOf(begin) + begin.length) + `\n${table(schema)}\n` + text.slice(text.indexOf(end));
}
writeFileSync(manual, text);
