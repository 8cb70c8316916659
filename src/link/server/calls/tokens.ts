import type { NewToken, TokenCalls, TokenRequest } from '../../../ports/index.js';
import { gridOf } from '../../convert/words.js';
import type { ControlServer, CreateTokenRequest, NewToken as WireToken } from '../../gen/kontena/v1/control.js';
import type { Serving } from '../serving.js';

/** @param caFingerprint of the CA that agents and programs are to look for; part of every token */
export const tokenCalls = ({ ask }: Serving<TokenCalls>, caFingerprint: () => string): Pick<ControlServer, 'createToken' | 'createRobot'> => ({
  createToken: ask('create', async (create, request) => {
    return tokenTo(await create(gridOf(request), tokenRequestFrom(request)), caFingerprint);
  }),
  createRobot: ask('createRobot', async (create, request) => {
    const { name, role, lifetimeSeconds } = request;
    return tokenTo(await create(gridOf(request), { role, lifetimeSeconds, ...(name === '' ? {} : { name }) }), caFingerprint);
  }),
});

const tokenTo = ({ id, token, expiresAt }: NewToken, caFingerprint: () => string): WireToken => ({ id, token: `${token}.${caFingerprint()}`, expiresAtMs: expiresAt });

const tokenRequestFrom = ({ ttlSeconds, labels, uses, node }: CreateTokenRequest): TokenRequest => ({
  ttlSeconds,
  labels,
  ...(uses === 0 ? {} : { uses }),
  ...(node === '' ? {} : { node }),
});
