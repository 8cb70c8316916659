import type { Mistake, StackSpec } from '../model/index.js';
import { validateDeclaredStack } from './gen/validate-declared.js';
import { breaches } from './rules.js';
import { pathText } from './text/mistakes.js';
import { findings } from './text/schema-mistakes.js';

/** What a master finds wrong in a stack that it is sent: it trusts no client. Nothing when the stack may be stored. */
export function checkStack(spec: unknown): readonly Mistake[] {
  if (!isDeclaredStack(spec)) {
    return findings(validateDeclaredStack.errors ?? [], 'a stack').map(({ path, message, hint }) => ({ severity: 'error', path: pathText(numbered(path)), message, ...(hint === undefined ? {} : { hint }) }));
  }
  return breaches(spec).map(({ service, field, index, message, hint }) => ({
    severity: 'error',
    path: pathText([...(service === undefined ? [] : ['services', service]), ...(field === undefined ? [] : [field]), ...(index === undefined ? [] : [index])]),
    message,
    ...(hint === undefined ? {} : { hint }),
  }));
}

/** Whether a value has the form of a stack as the master stores it. */
const isDeclaredStack = (spec: unknown): spec is StackSpec => validateDeclaredStack(spec);

const numbered = (path: readonly (string | number)[]): readonly (string | number)[] => path.map((part) => (/^\d+$/.test(String(part)) ? Number(part) : part));
