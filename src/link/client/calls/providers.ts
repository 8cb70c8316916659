import type { ProviderBody } from '../../../model/index.js';
import type { ProviderCalls } from '../../../ports/index.js';
import { ControlService, type SetProviderRequest } from '../../gen/kontena/v1/control.js';
import type { MasterChannel } from '../call.js';

export const providerCalls = (master: MasterChannel): ProviderCalls => ({
  set: ({ settings, ...secret }) => master.ask(ControlService.setProvider, { settings: settingsTo(settings), ...secret }),
  test: async (kind) => {
    await master.ask(ControlService.testProvider, { kind });
  },
});

function settingsTo(settings: ProviderBody): NonNullable<SetProviderRequest['settings']> {
  if (settings.kind === 'ldap') return { $case: 'ldap', value: settings };
  const { scopes, ...rest } = settings;
  return { $case: 'oidc', value: { ...rest, scopes: [...scopes] } };
}
