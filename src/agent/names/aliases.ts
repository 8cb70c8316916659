import { DOMAIN, type NamesSection, parseService } from '../../model/index.js';

/** Under which aliases of links are looked for: `redis.web.todo.links.GRID.kontena.local`. */
const LINKS = 'links';
const SLOT = /^(.+)-(\d+)$/;

export interface Linked {
  /** The service that has the link: `todo/web`. */
  readonly from: string;
  readonly alias: string;
  /** `cache/redis`. */
  readonly service: string;
  /** The name that the service, or its instance, has in the grid. */
  readonly name: string;
}

type Links = NamesSection['links'];

/** What a name means that is an alias of a link; undefined when it is none. An instance of the linked service has its number behind the alias. */
export function linkedBy(name: string, grid: string, links: Links): Linked | undefined {
  const labels = labelsBefore(name, grid);
  if (labels?.length !== 3) return undefined;
  const [asked = '', ...rest] = labels;
  const inStack = rest.reverse().join('/');
  const from = Object.keys(links).find((known) => known.toLowerCase() === inStack);
  const link = from === undefined ? undefined : linkOf(asked, links[from] ?? {});
  const linked = parseService(link?.service ?? '');
  if (from === undefined || link === undefined || linked === undefined) return undefined;
  return { from, alias: link.alias, service: link.service, name: `${linked.service}${link.slot}.${linked.stack}.${grid}.${DOMAIN}`.toLowerCase() };
}

/** `redis`, or `redis-2`: an alias that is called so comes first. */
function linkOf(asked: string, aliases: Readonly<Record<string, string>>): { readonly alias: string; readonly service: string; readonly slot: string } | undefined {
  const named = (word: string): readonly [string, string] | undefined => Object.entries(aliases).find(([alias]) => alias.toLowerCase() === word);
  const whole = named(asked);
  if (whole !== undefined) return { alias: whole[0], service: whole[1], slot: '' };
  const [, word = '', slot = ''] = SLOT.exec(asked) ?? [];
  const one = named(word);
  return one === undefined ? undefined : { alias: one[0], service: one[1], slot: `-${slot}` };
}

/** Whether aliases end in it: `web.todo.links.GRID.kontena.local`, `todo.links.…`, `links.…`. */
export function isAboveAliases(name: string, grid: string, links: Links): boolean {
  if (name === `${LINKS}.${grid}.${DOMAIN}`.toLowerCase()) return Object.keys(links).length > 0;
  const labels = labelsBefore(name, grid);
  if (labels === undefined || labels.length > 2) return false;
  const [stack = '', service] = [...labels].reverse();
  return Object.keys(links).some((known) => (service === undefined ? known.toLowerCase().startsWith(`${stack}/`) : known.toLowerCase() === `${stack}/${service}`));
}

/** The domain in which a service finds its links by their aliases; undefined where it finds them all without: in its own stack, by their own names. */
export function aliasDomain({ stack, service }: { readonly stack: string; readonly service: string }, grid: string, links: Links): string | undefined {
  const needed = Object.entries(links[`${stack}/${service}`] ?? {}).some(([alias, target]) => target !== `${stack}/${alias}`);
  return needed ? `${service}.${stack}.${LINKS}.${grid}.${DOMAIN}` : undefined;
}

function labelsBefore(name: string, grid: string): readonly string[] | undefined {
  const end = `.${LINKS}.${grid}.${DOMAIN}`.toLowerCase();
  return name.endsWith(end) ? name.slice(0, -end.length).split('.') : undefined;
}
