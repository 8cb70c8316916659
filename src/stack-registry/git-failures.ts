import { type ErrorCode, KontenaError } from '../model/index.js';

/** How a run of git ended. */
export interface Ended {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** What git, ssh and curl say, in English, and what that means for whoever reads it. The first that fits counts. */
const MEANINGS: readonly (readonly [RegExp, ErrorCode, string])[] = [
  [/REMOTE HOST IDENTIFICATION HAS CHANGED/, 'KON_REGISTRY_UNTRUSTED', 'its ssh host key is another than the one in known_hosts'],
  [/Host key verification failed/, 'KON_REGISTRY_UNTRUSTED', 'its ssh host key is not in known_hosts'],
  [/certificate verification failed|SSL certificate problem|self-signed certificate|does not match target host name/i, 'KON_REGISTRY_UNTRUSTED', 'its TLS certificate is not trusted here'],
  [/Authentication failed|invalid credentials/i, 'KON_REGISTRY_DENIED', 'the name or the password is wrong'],
  [/could not read (Username|Password)|terminal prompts disabled/, 'KON_REGISTRY_DENIED', 'it asks for a name and a password, and git knows none'],
  [/Permission denied \([^)]*\)|Too many authentication failures/, 'KON_REGISTRY_DENIED', 'it accepts none of the ssh keys at hand'],
  [/The requested URL returned error: (401|403)|insufficient permission|remote rejected|read-only/i, 'KON_REGISTRY_DENIED', 'it does not allow this'],
  [/Connection refused|Could not resolve host|Name or service not known|No route to host|Network is unreachable|Failed to connect|Couldn't connect/i, 'KON_REGISTRY_UNREACHABLE', 'nothing answers there'],
  [/timed out|Operation too slow|banner exchange|no answer within|Connection (closed|reset) by|hung up unexpectedly|early EOF/i, 'KON_REGISTRY_UNREACHABLE', 'it does not answer'],
  [/repository .*not found|does not appear to be a git repository|does not exist|not a git repository/i, 'KON_REGISTRY_FAILED', 'there is no git repository there'],
];

/** Why a registry in git cannot be used. @param doing the command of git, for what nobody foresaw */
export function gitFailure(url: string, doing: string, { code, err }: Ended): KontenaError {
  const [, meaning, sentence] = MEANINGS.find(([pattern]) => pattern.test(err)) ?? [];
  const said = withoutSecrets(err.trim().split('\n').map((line) => line.replace(/^(fatal|error|remote): /, '').trim()).filter((line) => line !== '').join('; '));
  const why = sentence ?? `git ${doing}: ${said === '' ? `exit code ${String(code)}` : said}`;
  return new KontenaError(meaning ?? 'KON_REGISTRY_FAILED', `the stack registry ${withoutSecrets(url)} cannot be used: ${why}`, { cause: said });
}

/** Without the names and passwords that stand in addresses. */
export const withoutSecrets = (text: string): string => text.replaceAll(/(https?:\/\/)[^\s/@']+@/g, '$1');
