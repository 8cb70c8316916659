import { expect, test } from '@jest/globals';
import { connect } from './index.js';

test('A credential that is none is refused before anything is asked, as a matter of the context', () => {
  expect(() => connect({ server: 'm:9292', ca: 'CA', certificate: 'CERT', key: 'KEY' }, { timeoutMs: 1000 }))
    .toThrow(expect.objectContaining({ code: 'KON_CONTEXT_INVALID', message: expect.stringMatching(/^the credential for m:9292 cannot be used: /) }));
});
