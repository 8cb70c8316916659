// Made by scripts/gen-stack-types.mjs of schemas/; do not edit.
import type { ValidateFunction } from 'ajv';
import type { StackSpec } from '../../model/index.js';

export declare const validateDeclaredStack: ValidateFunction<StackSpec>;
