import type { View } from '../../ports/index.js';

/** What a node waits for before anything that keeps data starts on it, and what to type; undefined when it waits for nothing. */
export function confirmation(node: string, view: View): string | undefined {
  if (view.get('Node', node)?.body.isUnconfirmed !== true) return undefined;
  return `node ${node} is another machine than before: what keeps data waits for \`kontenactl node confirm ${node}\`, given when the former one is gone`;
}
