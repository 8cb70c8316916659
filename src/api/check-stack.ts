import type { Mistake, StackSpec } from '../model/index.js';

export const checkStack = (_spec: StackSpec): readonly Mistake[] => [];
