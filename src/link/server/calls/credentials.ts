import type { CredentialCalls, NewCredential } from '../../../ports/index.js';
import { gridOf } from '../../convert/words.js';
import type * as wire from '../../gen/kontena/v1/control.js';
import type { Serving } from '../serving.js';

export const credentialCalls = ({ ask }: Serving<CredentialCalls>): Pick<wire.ControlServer, 'createCredential' | 'renewCredential'> => ({
  createCredential: ask('create', async (create, request) => credentialTo(await create({ ...request, grid: gridOf(request) }))),
  renewCredential: ask('renew', async (renew) => credentialTo(await renew())),
});

const credentialTo = ({ endsAt, ...rest }: NewCredential): wire.NewCredential => ({ ...rest, endsAtMs: endsAt });
