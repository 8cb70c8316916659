import type { ProxyStep, ProxyView, SeenBackend, Served, ServedRoute } from '../../ports/index.js';

/** What lacks of what is to be served, where all that can be changed while it runs is where it is reached. */
export const plan = ({ routes }: Served, { backends }: ProxyView): readonly ProxyStep[] =>
  routes.flatMap((route) => [...arriving(route, backends[route.service]), ...leaving(route, backends[route.service])]);

/** Who is to be sent to, first: that there is always somebody. */
function arriving(route: ServedRoute, seen: SeenBackend | undefined): readonly ProxyStep[] {
  const { service } = route;
  return route.servers.flatMap((server): readonly ProxyStep[] => {
    const { instance, address, port } = server;
    const known = seen?.servers[instance];
    if (known === undefined) return [{ do: 'add', route, server }];
    return [
      ...(known.address === `${address}:${port}` ? [] : [{ do: 'move', service, server } as const]),
      ...(known.isWithdrawn ? [{ do: 'restore', service, instance } as const] : []),
    ];
  });
}

/** Who leaves is sent nothing more, and is forgotten when what is open with it has ended. */
function leaving({ service, servers }: ServedRoute, seen: SeenBackend | undefined): readonly ProxyStep[] {
  const wanted = new Set(servers.map(({ instance }) => instance));
  return Object.entries(seen?.servers ?? {}).filter(([instance]) => !wanted.has(instance)).flatMap(([instance, { isWithdrawn, open }]): readonly ProxyStep[] => {
    if (!isWithdrawn) return [{ do: 'withdraw', service, instance }];
    return open === 0 ? [{ do: 'remove', service, instance }] : [];
  });
}
