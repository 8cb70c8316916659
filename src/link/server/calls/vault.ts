import { KontenaError } from '../../../model/index.js';
import type { CertificateRequest, Kept, SecretWrite, VaultCalls } from '../../../ports/index.js';
import { defined, orAbsent } from '../../convert/plain.js';
import { gridOf, oneOf } from '../../convert/words.js';
import type * as wire from '../../gen/kontena/v1/control.js';
import type { Serving } from '../serving.js';

export const vaultCalls = ({ ask }: Serving<VaultCalls>): Pick<wire.ControlServer, 'writeSecret' | 'readSecret' | 'writeCertificate' | 'readCertificate' | 'requestCertificate' | 'rotateVaultKey'> => ({
  writeSecret: ask('writeSecret', async (write, request) => keptTo(await write(gridOf(request), secretWriteFrom(request)))),
  readSecret: ask('readSecret', async (read, request) => ({ value: await read(gridOf(request), request.name) })),
  writeCertificate: ask('writeCertificate', async (write, request) => {
    if (request.bundle === undefined) throw new KontenaError('KON_INVALID', 'the request to import holds no certificate');
    return keptTo(await write(gridOf(request), request.bundle, orAbsent(request.subject)));
  }),
  readCertificate: ask('readCertificate', (read, request) => read(gridOf(request), request.subject)),
  requestCertificate: ask('requestCertificate', (request, asked) => request(gridOf(asked), certificateRequestFrom(asked))),
  rotateVaultKey: ask('rotateKey', (rotate) => rotate()),
});

const keptTo = ({ usedBy, ...rest }: Kept): wire.Kept => ({ ...rest, usedBy: [...usedBy] });

const secretWriteFrom = ({ name, value, only }: wire.WriteSecretRequest): SecretWrite => ({
  name,
  value,
  ...(only === '' ? {} : { only: oneOf('only', ['new', 'known'], only) }),
});

const certificateRequestFrom = ({ names, challenge, directory, email, keyId, keySecret, answerOn, isRenewal }: wire.RequestCertificateRequest): CertificateRequest =>
  defined({
    names, answerOn, isRenewal, challenge: orAbsent(challenge), directory: orAbsent(directory), email: orAbsent(email),
    binding: keyId === '' && keySecret === '' ? undefined : { keyId, secret: keySecret },
  });
