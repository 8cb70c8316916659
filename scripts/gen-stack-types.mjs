// Makes code of schemas/*.json: the types of a stack file, and validators that are compiled beforehand, because compiling takes longer than reading.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import standalone from 'ajv/dist/standalone/index.js';
import { compile } from 'json-schema-to-typescript';

const root = join(import.meta.dirname, '..');
const folder = join(root, 'src/stackfile/gen');
const read = (name) => JSON.parse(readFileSync(join(root, 'schemas', name), 'utf8'));
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

const stack = read('stack.schema.json');
const declared = read('declared-stack.schema.json');
mkdirSync(folder, { recursive: true });

const types = await compile(stack, 'StackFile', { bannerComment: NOTE, additionalProperties: false, unreachableDefinitions: true, format: false });
writeFileSync(join(folder, 'stack-file.ts'), types);

const ajv = new Ajv({ allErrors: true, verbose: true, strict: false, schemas: [bare(stack), bare(declared)], code: { source: true, esm: true } });
const code = standalone.default(ajv, {
  validateStackFile: stack.$id,
  validateService: `${stack.$id}#/definitions/service`,
  validateDeclaredStack: declared.$id,
});
if (code.includes('require(')) throw new Error('The validators need ajv at run time: the schema uses a keyword that does (minLength, uniqueItems, format).');
writeFileSync(join(folder, 'validators.js'), `${NOTE}\n${code}\n`);
writeFileSync(join(folder, 'validators.d.ts'), `${NOTE}
import type { ValidateFunction } from 'ajv';
import type { StackSpec } from '../../model/index.js';
import type { Service, StackFile } from './stack-file.js';

export declare const validateStackFile: ValidateFunction<StackFile>;
export declare const validateService: ValidateFunction<Service>;
export declare const validateDeclaredStack: ValidateFunction<StackSpec>;
`);
