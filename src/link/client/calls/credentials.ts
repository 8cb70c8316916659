import type { Instant } from '../../../model/index.js';
import type { CredentialCalls, NewCredential } from '../../../ports/index.js';
import { ControlService, type NewCredential as WireCredential } from '../../gen/kontena/v1/control.js';
import type { MasterChannel } from '../call.js';

export const credentialCalls = (master: MasterChannel): CredentialCalls => ({
  create: async (request) => credentialFrom(await master.ask(ControlService.createCredential, { ...request })),
  renew: async () => credentialFrom(await master.ask(ControlService.renewCredential, {})),
});

const credentialFrom = ({ endsAtMs, ...rest }: WireCredential): NewCredential => ({ ...rest, endsAt: endsAtMs as Instant });
