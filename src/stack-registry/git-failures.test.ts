import { expect, test } from '@jest/globals';
import { gitFailure } from './git-failures.js';

/** What git 2.39 and OpenSSH 9.2 wrote, and what is said of it. */
const CASES: readonly (readonly [string, string, string])[] = [
  ['@@@@@@@@@@@\n@    WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED!     @\n@@@@@@@@@@@\nHost key verification failed.\nfatal: Could not read from remote repository.', 'KON_REGISTRY_UNTRUSTED', 'its ssh host key is another than the one in known_hosts'],
  ['No ED25519 host key is known for [127.0.0.1]:2222 and you have requested strict checking.\nHost key verification failed.', 'KON_REGISTRY_UNTRUSTED', 'its ssh host key is not in known_hosts'],
  ['fatal: unable to access \'https://h/r/\': server certificate verification failed. CAfile: none CRLfile: none', 'KON_REGISTRY_UNTRUSTED', 'its TLS certificate is not trusted here'],
  ['git@h: Permission denied (publickey,password).\nfatal: Could not read from remote repository.', 'KON_REGISTRY_DENIED', 'it accepts none of the ssh keys at hand'],
  ['remote: no\nfatal: Authentication failed for \'https://h/r/\'', 'KON_REGISTRY_DENIED', 'the name or the password is wrong'],
  ['fatal: could not read Username for \'https://h\': terminal prompts disabled', 'KON_REGISTRY_DENIED', 'it asks for a name and a password, and git knows none'],
  ['fatal: unable to access \'https://h/r/\': The requested URL returned error: 403', 'KON_REGISTRY_DENIED', 'it does not allow this'],
  ['fatal: unable to access \'https://h/r/\': Failed to connect to h port 443 after 0 ms: Couldn\'t connect to server', 'KON_REGISTRY_UNREACHABLE', 'nothing answers there'],
  ['ssh: Could not resolve hostname h: Name or service not known', 'KON_REGISTRY_UNREACHABLE', 'nothing answers there'],
  ['Connection timed out during banner exchange\nConnection to 127.0.0.1 port 2222 timed out', 'KON_REGISTRY_UNREACHABLE', 'it does not answer'],
  ['no answer within 60 s', 'KON_REGISTRY_UNREACHABLE', 'it does not answer'],
  ['fatal: \'/r.git\' does not appear to be a git repository\nfatal: Could not read from remote repository.', 'KON_REGISTRY_FAILED', 'there is no git repository there'],
  ['error: a\nfatal: b', 'KON_REGISTRY_FAILED', 'git fetch: a; b'],
  ['', 'KON_REGISTRY_FAILED', 'git fetch: exit code 128'],
];

test.each(CASES)('%s', (err, code, why) => {
  expect(gitFailure('ssh://git@h/r.git', 'fetch', { code: 128, out: '', err })).toMatchObject({ code, message: `the stack registry ssh://git@h/r.git cannot be used: ${why}` });
});

test('no password of an address is shown', () => {
  const { message } = gitFailure('https://me:secret@h/r.git', 'fetch', { code: 128, out: '', err: 'fatal: odd \'https://me:secret@h/r.git\'' });
  expect(message).toBe('the stack registry https://h/r.git cannot be used: git fetch: odd \'https://h/r.git\'');
});
