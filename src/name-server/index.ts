/** A server of names on the node: dns-packet lives here. */
import type { Clock, Log, MachineResolver, MakeNameServer } from '../ports/index.js';
import { DnsServer } from './dns-server.js';
import { Forwarder } from './forwarder.js';
import { MachineNames } from './machine-names.js';
import { ownAddresses, resolvers } from './resolvers.js';

interface NameServerSettings {
  readonly clock: Clock;
  readonly log: Log;
  readonly port?: number;
  /** Has programs of this machine ask, too: at an address of the machine's own, where only they ask. */
  readonly machine?: { readonly address: string; readonly resolver: MachineResolver };
}

/** Servers of names that forward what they do not know to those that this machine uses. */
export const dnsServers = ({ clock, log, port = 53, machine }: NameServerSettings): MakeNameServer => (means) =>
  new DnsServer({
    ...means, clock, log, port, isOwn: ownAddresses(clock), forwarder: new Forwarder({ clock, resolvers: resolvers() }),
    ...(machine === undefined ? {} : { machine: new MachineNames({ ...machine, clock }) }),
  });
