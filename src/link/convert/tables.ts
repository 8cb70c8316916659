import { type AnyTablePart, type Endpoint, KontenaError, type Peer, TABLE_NAMES, type TableName, type TablePart, type TableStates } from '../../model/index.js';
import type * as wire from '../gen/kontena/v1/node.js';
import { defined, orAbsent } from './plain.js';

/** A part is made once for all readers at one version: so is what is sent. */
const encoded = new WeakMap<TablePart<unknown>, wire.FromMaster>();

/** A part of a table as it is put on the stream. */
export function tableTo(told: AnyTablePart): wire.FromMaster {
  let message = encoded.get(told.part);
  if (message === undefined) {
    message =
      told.table === 'peers'
        ? { message: { $case: 'peers', value: { part: partTo(told.part), rows: told.part.rows.map(peerTo) } } }
        : { message: { $case: 'endpoints', value: { part: partTo(told.part), rows: told.part.rows.map(endpointTo) } } };
    encoded.set(told.part, message);
  }
  return message;
}

export const peersFrom = ({ part, rows }: wire.PeersPart): AnyTablePart => ({ table: 'peers', part: { ...partFrom(part), rows: rows.map(peerFrom) } });
export const endpointsFrom = ({ part, rows }: wire.EndpointsPart): AnyTablePart => ({ table: 'endpoints', part: { ...partFrom(part), rows: rows.map(endpointFrom) } });

export const statesTo = (states: TableStates): Record<string, wire.TableState> => Object.fromEntries(Object.entries(states).map(([table, state]) => [table, { ...state }]));
export const statesFrom = (states: Readonly<Record<string, wire.TableState>>): TableStates =>
  Object.fromEntries(TABLE_NAMES.flatMap((table) => (states[table] === undefined ? [] : [[table, states[table]]])));

/** @throws KON_INVALID */
export function tableNameFrom(name: string): TableName {
  const table = TABLE_NAMES.find((one) => one === name);
  if (table === undefined) throw new KontenaError('KON_INVALID', `an agent asks for a table "${name}", which there is not`);
  return table;
}

const partTo = ({ version, isWhole, isLast, removed, agesMs }: TablePart<unknown>): wire.TablePart => ({ version, isWhole, isLast, removed: [...removed], agesMs: [...agesMs] });

function partFrom(part: wire.TablePart | undefined): Omit<TablePart<never>, 'rows'> {
  if (part === undefined) throw new KontenaError('KON_INVALID', 'the master sends a part of a table that does not say which');
  return part;
}

const peerTo = ({ privateAddress = '', publicAddress = '', region = '', ...rest }: Peer): wire.Peer => ({ ...rest, privateAddress, publicAddress, region });
const peerFrom = ({ privateAddress, publicAddress, region, ...rest }: wire.Peer): Peer =>
  defined({ ...rest, privateAddress: orAbsent(privateAddress), publicAddress: orAbsent(publicAddress), region: orAbsent(region) });

const endpointTo = ({ whyNot = '', ports = [], ...rest }: Endpoint): wire.Endpoint => ({ ...rest, whyNot, ports: ports.map((port) => ({ ...port })) });
const endpointFrom = ({ whyNot, ports, ...rest }: wire.Endpoint): Endpoint =>
  defined({ ...rest, whyNot: orAbsent(whyNot), ports: ports.length === 0 ? undefined : ports.map(({ port, protocol }) => ({ port, protocol: protocol === 'udp' ? ('udp' as const) : ('tcp' as const) })) });
