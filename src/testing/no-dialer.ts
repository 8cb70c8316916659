import { KontenaError } from '../model/index.js';
import type { Dialer } from '../ports/index.js';

/** Reaches nothing. */
export const noDialer: Dialer = { dial: ({ about }) => Promise.reject(new KontenaError('KON_PORT_UNREACHABLE', `${about} cannot be reached`)) };
