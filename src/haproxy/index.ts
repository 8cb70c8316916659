/** HAProxy behind the port `Proxy`: its configuration from what is declared, its sockets, its answers. */
export { Haproxy, type HaproxyOptions } from './haproxy.js';
