// Made by scripts/gen-stack-types.mjs of schemas/; do not edit.
import type { ValidateFunction } from 'ajv';
import type { Balancer, LoadBalancer, Service, StackFile } from './stack-file.js';

export declare const validateStackFile: ValidateFunction<StackFile>;
export declare const validateService: ValidateFunction<Service>;
export declare const validateBalancer: ValidateFunction<Balancer>;
export declare const validateLoadBalancer: ValidateFunction<LoadBalancer>;
