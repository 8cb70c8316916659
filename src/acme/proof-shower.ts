import { Resolver } from 'node:dns/promises';
import { get } from 'node:http';
import { ANSWER_PATH, type Millis, type Proof, recordOf } from '../model/index.js';
import type { ProofShower } from '../ports/index.js';
import { runHook } from './hook.js';

const LOOK_LIMIT_MS: Millis = 3_000;
/** A key authorization has fewer; whoever answers with more answers something else. */
const LONGEST_ANSWER = 4_096;

export interface ProofShowerOptions {
  /** Program that sets and removes records of dns-01; without it people do. */
  readonly dnsHook?: string;
  /** Who is asked for names, `10.0.0.1:53`; the machine's own servers when absent. */
  readonly resolvers?: readonly string[];
  /** Where http-01 is answered. Default 80. */
  readonly httpPort?: number;
}

/** Looks at what an authority is about to look at, from where the master is. */
export function proofShower({ dnsHook, resolvers = [], httpPort = 80 }: ProofShowerOptions): ProofShower {
  const resolver = new Resolver({ timeout: LOOK_LIMIT_MS, tries: 1 });
  if (resolvers.length > 0) resolver.setServers([...resolvers]);
  const hook = async (verb: 'add' | 'remove', proof: Proof): Promise<void> => {
    if (proof.challenge === 'dns-01' && dnsHook !== undefined) await runHook(dnsHook, [verb, recordOf(proof), proof.answer]);
  };
  return {
    show: (proof) => hook('add', proof),
    hide: (proof) => hook('remove', proof),
    isSeen: (proof) => (proof.challenge === 'dns-01' ? hasRecord(resolver, proof) : isAnswered(resolver, proof, httpPort)),
  };
}

async function hasRecord(resolver: Resolver, proof: Proof): Promise<boolean> {
  try {
    return (await resolver.resolveTxt(recordOf(proof))).some((parts) => parts.join('') === proof.answer);
  } catch {
    return false;
  }
}

async function isAnswered(resolver: Resolver, { name, token, answer }: Proof, port: number): Promise<boolean | 'unknown'> {
  const [address] = await resolver.resolve4(name).catch(() => [undefined]);
  if (address === undefined) return 'unknown';
  return new Promise((resolve) => {
    const request = get({ host: address, port, path: `${ANSWER_PATH}${token}`, headers: { host: name }, timeout: LOOK_LIMIT_MS }, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (part: string) => {
        text += part;
        if (text.length > LONGEST_ANSWER) request.destroy();
      });
      response.on('close', () => resolve(response.statusCode === 200 && text.trim() === answer));
    });
    request.on('timeout', () => request.destroy());
    request.on('error', () => resolve(false));
  });
}
