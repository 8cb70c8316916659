import { KontenaError } from './errors.js';

/** Where something listens. */
export interface HostPort {
  /** A name, or an address of IPv4 or IPv6. */
  readonly host: string;
  readonly port: number;
}

const HOST_PORT = /^(?:\[([0-9a-fA-F:.]+)\]|([A-Za-z0-9_][A-Za-z0-9_.-]*))(?::(\d{1,5}))?$/;

/** `HOST`, `HOST:PORT` or `[::1]:PORT`. @param port where none is written @throws KontenaError KON_INVALID */
export function requireHostPort(text: string, port: number): HostPort {
  const match = HOST_PORT.exec(text);
  const host = match?.[1] ?? match?.[2];
  const written = match?.[3] === undefined ? port : Number(match[3]);
  if (host === undefined || written < 1 || written > 65_535) throw new KontenaError('KON_INVALID', `"${text}" is not an address: write HOST:PORT, for example graphs.example.com:${port}`);
  return { host, port: written };
}

/** As it is written. */
export const hostPortText = ({ host, port }: HostPort): string => `${host.includes(':') ? `[${host}]` : host}:${port}`;
