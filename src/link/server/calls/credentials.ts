import type { CredentialCalls, NewCredential } from '../../../ports/index.js';
import type * as wire from '../../gen/kontena/v1/control.js';
import type { Serving } from '../serving.js';

export const credentialCalls = ({ ask }: Serving<CredentialCalls>): Pick<wire.ControlServer, 'createCredential' | 'renewCredential'> => ({
  createCredential: ask('create', async (create, { name, lifetimeSeconds }) => credentialTo(await create(name, lifetimeSeconds))),
  renewCredential: ask('renew', async (renew) => credentialTo(await renew())),
});

const credentialTo = ({ endsAt, ...rest }: NewCredential): wire.NewCredential => ({ ...rest, endsAtMs: endsAt });
