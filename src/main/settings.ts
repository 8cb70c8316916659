import { KontenaError } from '../model/index.js';

/** `host:port`, `[::1]:9292` or `:9292` into its parts. @throws KontenaError KON_INVALID */
export function parseAddress(text: string): { readonly host: string; readonly port: number } {
  const match = /^(?:\[([^\]]+)\]|([^:]*)):(\d{1,5})$/.exec(text);
  const port = Number(match?.[3]);
  if (match === null || port > 65_535) throw new KontenaError('KON_INVALID', `"${text}" is not an address: write HOST:PORT, for example 0.0.0.0:9292`);
  return { host: match[1] ?? (match[2] === '' ? '0.0.0.0' : (match[2] as string)), port };
}
