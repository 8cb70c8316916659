/** Deeper than anybody nests templates, and far from the end of the stack: where that is near, V8 ends the process when it compiles a pattern. */
export const DEEPEST_TEMPLATE = 50;

/** The tags and outputs of a text, each with its first word if it has one; one that is not closed goes on to the next that opens. */
const TEMPLATE = /(?:\{\{|\{%-?\s*(\w+))(?:(?!\{[{%]|[%}]\}).)*/gs;

const BLOCKS: ReadonlySet<string> = new Set(['if', 'unless', 'case', 'for', 'tablerow', 'capture', 'block', 'layout']);
/** What is in these is text. */
const TEXTS: ReadonlySet<string> = new Set(['raw', 'comment']);

/** Where blocks are nested too deep in blocks, or brackets in brackets of one template; undefined where they are not. Takes time linear in the text. */
export function deepTemplate(text: string): number | undefined {
  const templates = new RegExp(TEMPLATE);
  let blocks = 0;
  for (let found = templates.exec(text); found !== null; found = templates.exec(text)) {
    const [template, tag = ''] = found;
    if (TEXTS.has(tag)) templates.lastIndex = endOf(text, tag, templates.lastIndex);
    blocks = BLOCKS.has(tag) ? blocks + 1 : Math.max(0, blocks - (tag.startsWith('end') ? 1 : 0));
    if (blocks > DEEPEST_TEMPLATE || bracketsIn(template) > DEEPEST_TEMPLATE) return found.index;
  }
  return undefined;
}

function endOf(text: string, tag: string, from: number): number {
  const end = text.indexOf(`end${tag}`, from);
  return end === -1 ? text.length : end;
}

/** How deep brackets are in each other. */
function bracketsIn(template: string): number {
  let [depth, deepest] = [0, 0];
  for (const [bracket] of template.matchAll(/[[\]()]/g)) {
    depth = bracket === '[' || bracket === '(' ? depth + 1 : Math.max(0, depth - 1);
    deepest = Math.max(deepest, depth);
  }
  return deepest;
}
