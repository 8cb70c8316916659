import { KontenaError, type ProviderBody } from '../../../model/index.js';
import type { ProviderCalls } from '../../../ports/index.js';
import type { ControlServer, SetProviderRequest } from '../../gen/kontena/v1/control.js';
import type { Serving } from '../serving.js';

export const providerCalls = ({ ask }: Serving<ProviderCalls>): Pick<ControlServer, 'setProvider' | 'testProvider'> => ({
  setProvider: ask('set', (set, { settings, secret }) => set({ settings: settingsFrom(settings), ...(secret === undefined ? {} : { secret }) })),
  testProvider: ask('test', async (test, { kind }) => {
    await test(kind as ProviderBody['kind']);
    return {};
  }),
});

function settingsFrom(settings: SetProviderRequest['settings']): ProviderBody {
  if (settings === undefined) throw new KontenaError('KON_INVALID', 'nothing of a provider is said');
  if (settings.$case === 'oidc') return { kind: 'oidc', ...settings.value };
  const { ca, bindDn, groupBase, ...rest } = settings.value;
  return { kind: 'ldap', ...rest, ...(ca === undefined ? {} : { ca }), ...(bindDn === undefined ? {} : { bindDn }), ...(groupBase === undefined ? {} : { groupBase }) };
}
