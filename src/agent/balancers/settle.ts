import { isSame } from '../../model/index.js';
import type { ProxyFault, Served } from '../../ports/index.js';

type Culprit = NonNullable<ProxyFault['of']>;

/** What the program does not take of what is to be served. */
export interface Settled {
  readonly leftOut: readonly Culprit[];
  /** It takes all the rest. */
  readonly isTaken: boolean;
  /** In its own words, by name of the route. */
  readonly refused: Readonly<Record<string, string>>;
  readonly faults: readonly string[];
}

type Check = (served: Served) => Promise<ProxyFault | undefined>;

/** Leaves out what the program does not take, one thing after the other, so that one mistake keeps nobody else from being served. */
export async function settle(wanted: Served, check: Check): Promise<Settled> {
  const leftOut: Culprit[] = [];
  const refused: Record<string, string> = {};
  const faults: string[] = [];
  for (;;) {
    const served = withoutAll(wanted, leftOut);
    const fault = await check(served);
    if (fault === undefined) return { leftOut, isTaken: true, refused, faults };
    const { of = await culpritOf(served, check), words } = fault;
    const isNews = of !== undefined && !leftOut.some((one) => isSame(one, of));
    if (of?.kind === 'route') refused[of.name] = words;
    else if (isNews || of === undefined) faults.push(of?.kind === 'certificate' ? `${of.name} is not shown: ${words}` : words);
    if (!isNews) return { leftOut, isTaken: false, refused, faults };
    leftOut.push(of);
  }
}

/** What is served of what is to be, where these were left out. */
export const withoutAll = (wanted: Served, leftOut: readonly Culprit[]): Served => leftOut.reduce(without, wanted);

/** Of a fault that names nobody: the route that is refused even alone, else the balancer's own lines. */
async function culpritOf(served: Served, check: Check): Promise<Culprit | undefined> {
  if ((await check({ ...served, routes: [] })) !== undefined) return { kind: 'settings' };
  for (const route of served.routes) if ((await check({ ...served, routes: [route] })) !== undefined) return { kind: 'route', name: route.name };
  return undefined;
}

function without(served: Served, of: Culprit): Served {
  const { spec, routes, certificates } = served;
  switch (of.kind) {
    case 'route':
      return { ...served, routes: routes.filter(({ name }) => name !== of.name) };
    case 'certificate':
      return { ...served, certificates: certificates.filter(({ name }) => name !== of.name) };
    case 'settings': {
      const { ciphers: _ciphers, syslogTarget: _target, ...rest } = spec;
      return { ...served, spec: { ...rest, customSettings: [], globalSettings: [] } };
    }
  }
}
