import type { View } from '../../src/ports/index.js';

/** One of these containers must be on the node. */
export interface Need {
  /** `data-1`, as the user wrote them, with the slot filled in. */
  readonly anyOf: readonly string[];
  readonly nodes: ReadonlySet<string>;
}

const WITH_SLOT = /^(.+)-(\d+)$/;

/** Where containers of the own stack run: `data-1` is slot 1 of `data`, `data` is any of its slots. */
export function need(anyOf: readonly string[], stack: string, view: View): Need {
  return { anyOf, nodes: new Set(anyOf.flatMap((name) => nodesWith(name, stack, view))) };
}

function nodesWith(name: string, stack: string, view: View): readonly string[] {
  const whole = name.includes('/') ? name : `${stack}/${name}`;
  const any = view.instancesOf(whole);
  const match = WITH_SLOT.exec(whole);
  const ofSlot = match === null ? [] : view.instancesOf(match[1] as string).filter(({ body }) => body.slot === Number(match[2]));
  return [...any, ...ofSlot].filter(({ body }) => body.wanted === 'running').map(({ body }) => body.node);
}
