/** HAProxy behind the port `Proxy`: its configuration from what is declared, its sockets, its answers. */
import type { Proxy } from '../ports/index.js';
import { Haproxy, type HaproxyOptions } from './haproxy.js';

export type { HaproxyOptions } from './haproxy.js';

/** HAProxy in the containers of this node's balancers. */
export const haproxy = (options: Omit<HaproxyOptions, 'uid'>): Proxy => new Haproxy({ ...options, uid: process.getuid?.() ?? 0 });
