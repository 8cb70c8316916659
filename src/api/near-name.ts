import { nearest } from '../model/index.js';
import type { View } from '../ports/index.js';

/** What follows `.GRID` in every name of a grid. */
const DOMAIN = 'kontena.local';

/** What a name that nothing bears was most likely meant to be, in words that end a sentence; undefined when nothing is near. */
export function meantBy(typed: string, view: View): string | undefined {
  const [first = '', second, ...rest] = withoutDomain(typed.toLowerCase(), view.grid).split('.');
  if (rest.length > 0) return undefined;
  const stacks = new Map(view.list('Stack').map(({ name, body }) => [name, Object.keys(body.spec.services)]));
  return second === undefined ? anything(first, stacks) : ofStack(first, second, stacks);
}

/** A name of one word: of a stack, or of a service in any of them. */
function anything(typed: string, stacks: ReadonlyMap<string, readonly string[]>): string | undefined {
  const inFull = [...stacks].flatMap(([stack, services]) => [[stack, stack] as const, ...services.map((service) => [service, `${service}.${stack}`] as const)]);
  const meant = nearest(withoutSlot(typed), inFull.map(([word]) => word));
  const found = inFull.find(([word]) => word === meant)?.[1];
  return found === undefined || found === typed ? undefined : `did you mean ${found}?`;
}

function ofStack(typed: string, typedStack: string, stacks: ReadonlyMap<string, readonly string[]>): string | undefined {
  const stack = stacks.has(typedStack) ? typedStack : nearest(typedStack, stacks.keys());
  const services = stack === undefined ? undefined : stacks.get(stack);
  if (stack === undefined || services === undefined) return undefined;
  const service = nearest(withoutSlot(typed), services);
  if (service === undefined) return stack === typedStack ? `stack ${stack} has the services ${[...services].sort().join(', ')}` : undefined;
  return service === withoutSlot(typed) && stack === typedStack ? undefined : `did you mean ${service}.${stack}?`;
}

const withoutDomain = (name: string, grid: string): string => name.replace(/\.$/, '').replace(new RegExp(`(\\.${grid})?\\.${DOMAIN}$`), '');

/** `web` of `web-2`, the name of one instance. */
const withoutSlot = (name: string): string => name.replace(/-\d+$/, '');
