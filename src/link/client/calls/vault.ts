import type { VaultCalls } from '../../../ports/index.js';
import { ControlService } from '../../gen/kontena/v1/control.js';
import type { MasterChannel } from '../call.js';

export const vaultCalls = (master: MasterChannel): VaultCalls => ({
  writeSecret: (grid, { name, value, only = '' }) => master.ask(ControlService.writeSecret, { grid, name, value, only }),
  readSecret: async (grid, name) => (await master.ask(ControlService.readSecret, { grid, name })).value,
  writeCertificate: (grid, bundle, subject = '') => master.ask(ControlService.writeCertificate, { grid, bundle, subject }),
  readCertificate: (grid, subject) => master.ask(ControlService.readCertificate, { grid, subject }),
  requestCertificate: (grid, { names, challenge = '', directory = '', email = '', binding = { keyId: '', secret: '' }, answerOn = [], isRenewal = false }) =>
    master.ask(ControlService.requestCertificate, { grid, names: [...names], challenge, directory, email, keyId: binding.keyId, keySecret: binding.secret, answerOn: [...answerOn], isRenewal }),
  rotateKey: () => master.ask(ControlService.rotateVaultKey, {}),
});
