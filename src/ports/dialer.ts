import type { ByteStream } from './two-way.js';

/** Opens TCP connections from this machine. */
export interface Dialer {
  /**
   * @param target `about` is how messages call it: `port 80 of todo/web.2@57`
   * @throws KON_PORT_UNREACHABLE when nothing listens there, or nothing answers within ten seconds
   */
  dial(target: { readonly host: string; readonly port: number; readonly about: string }, signal: AbortSignal): Promise<ByteStream>;
}
