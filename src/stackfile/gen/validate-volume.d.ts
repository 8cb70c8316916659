// Made by scripts/gen-stack-types.mjs of schemas/; do not edit.
import type { ValidateFunction } from 'ajv';
import type { VolumeFile } from './volume-file.js';

export declare const validateVolumeFile: ValidateFunction<VolumeFile>;
