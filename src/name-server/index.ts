/** A server of names on the node: dns-packet lives here. */
import type { Clock, Log, MakeNameServer } from '../ports/index.js';
import { DnsServer } from './dns-server.js';
import { Forwarder } from './forwarder.js';
import { resolvers } from './resolvers.js';

/** Servers of names that forward what they do not know to those that this machine uses. */
export const dnsServers = ({ clock, log, port = 53 }: { readonly clock: Clock; readonly log: Log; readonly port?: number }): MakeNameServer =>
  (means) => new DnsServer({ ...means, clock, log, port, forwarder: new Forwarder({ clock, resolvers: resolvers() }) });
