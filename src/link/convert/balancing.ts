import type { RouteStatus } from '../../model/index.js';
import type * as wire from '../gen/kontena/v1/node.js';
import { BALANCER_ROUTES, NAME_CHARACTERS, REASON_CHARACTERS, ROUTE_SERVERS } from '../limits.js';
import type { BalancersSaid } from '../session/messages.js';
import { defined, orAbsent } from './plain.js';

/** What the balancers of a node serve, as it goes up. */
export const balancingTo = (balancers: BalancersSaid): wire.Balancing => ({
  balancers: Object.entries(balancers).map(([instance, { routes, reloads, reason = '' }]) => ({ instance, reloads, reason, routes: Object.entries(routes).map(routeTo) })),
});

/** The same as the master takes it, cut to what agents of ours say. */
export const balancingFrom = ({ balancers }: wire.Balancing): BalancersSaid =>
  Object.fromEntries(balancers.map(({ instance, routes, reloads, reason }) => [
    instance,
    defined({ routes: Object.fromEntries(routes.slice(0, BALANCER_ROUTES).map(routeFrom)), reloads, reason: reasonFrom(reason) }),
  ]));

const routeTo = ([route, { refused = '', servers, requestsPerSecond, errorsPerSecond, tookMs }]: readonly [string, RouteStatus]): wire.RouteStatus => ({
  route, refused, requestsPerSecond, errorsPerSecond, tookMs,
  servers: Object.entries(servers).map(([instance, { isUp, isDrained, reason = '' }]) => ({ instance, isUp, isDrained, reason })),
});

const routeFrom = ({ route, refused, servers, requestsPerSecond, errorsPerSecond, tookMs }: wire.RouteStatus): readonly [string, RouteStatus] => [
  route.slice(0, NAME_CHARACTERS),
  defined({
    refused: reasonFrom(refused),
    servers: Object.fromEntries(servers.slice(0, ROUTE_SERVERS).map(({ instance, isUp, isDrained, reason }) => [instance.slice(0, NAME_CHARACTERS), defined({ isUp, isDrained, reason: reasonFrom(reason) })])),
    requestsPerSecond,
    errorsPerSecond,
    tookMs,
  }),
];

const reasonFrom = (reason: string): string | undefined => orAbsent(reason.slice(0, REASON_CHARACTERS));
