import type { TokenCalls, TokenRequest } from '../../../ports/index.js';
import { gridOf } from '../../convert/words.js';
import type { ControlServer, CreateTokenRequest } from '../../gen/kontena/v1/control.js';
import type { Serving } from '../serving.js';

/** @param caFingerprint of the CA that agents are to look for; part of every join token */
export const tokenCalls = ({ ask }: Serving<TokenCalls>, caFingerprint: () => string): Pick<ControlServer, 'createToken'> => ({
  createToken: ask('create', async (create, request) => {
    const { id, token, expiresAt } = await create(gridOf(request), tokenRequestFrom(request));
    return { id, token: `${token}.${caFingerprint()}`, expiresAtMs: expiresAt };
  }),
});

const tokenRequestFrom = ({ ttlSeconds, labels, uses, node }: CreateTokenRequest): TokenRequest => ({
  ttlSeconds,
  labels,
  ...(uses === 0 ? {} : { uses }),
  ...(node === '' ? {} : { node }),
});
