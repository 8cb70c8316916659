import type { ProxyStep } from '../ports/index.js';
import { hasDynamicCookie, serverArguments } from './backend.js';
import { filesOf } from './certificates.js';
import { CHALLENGES } from './frontends.js';
import { backendName, serverName } from './names.js';

/** What to say to HAProxy, and what it answers when it has done so. */
export interface Command {
  readonly say: string;
  /** Anything else is a refusal. */
  readonly expect: RegExp;
}

type Say = { readonly [D in Exclude<ProxyStep['do'], 'answer'>]: (step: Extract<ProxyStep, { readonly do: D }>) => readonly Command[] };

const NOTHING = /^$/;
const quietly = (say: string): Command => ({ say, expect: NOTHING });

/** Each step in HAProxy's words, one after the other. */
export const commandsFor = (step: Exclude<ProxyStep, { do: 'answer' }>): readonly Command[] => SAY[step.do](step as never);

const SAY: Say = {
  add: ({ route: { service, spec }, server }) => {
    const name = `${backendName(service)}/${serverName(server.instance)}`;
    return [
      { say: `add server ${name} ${serverArguments(spec, server)}`, expect: /registered/ },
      ...(hasDynamicCookie(spec) ? [quietly(`enable dynamic-cookie backend ${backendName(service)}`)] : []),
      quietly(`enable health ${name}`),
      quietly(`enable server ${name}`),
    ];
  },
  move: ({ service, server: { instance, address, port } }) => [{ say: `set server ${backendName(service)}/${serverName(instance)} addr ${address} port ${port}`, expect: /changed|no need/ }],
  withdraw: ({ service, instance }) => [quietly(`set server ${backendName(service)}/${serverName(instance)} state maint`)],
  restore: ({ service, instance }) => [quietly(`set server ${backendName(service)}/${serverName(instance)} state ready`)],
  remove: ({ service, instance }) => [{ say: `del server ${backendName(service)}/${serverName(instance)}`, expect: /^Server deleted/ }],
  certify: ({ certificate }) => filesOf(certificate).flatMap(({ file, pem }) => [
    { say: `set ssl cert ${file} <<\n${pem}`, expect: /created|updated/ },
    { say: `commit ssl cert ${file}`, expect: /Success/ },
  ]),
};

/** Answers to authorities change all at once: what is prepared counts when it is committed. */
export const prepareAnswers = (): Command => ({ say: `prepare map ${CHALLENGES}`, expect: /New version created: \d+/ });

export function commandsForAnswers(challenges: Readonly<Record<string, string>>, prepared: string): readonly Command[] {
  const version = /New version created: (\d+)/.exec(prepared)?.[1] ?? '';
  const map = CHALLENGES;
  return [...Object.entries(challenges).map(([token, answer]) => quietly(`add map @${version} ${map} ${token} ${answer}`)), quietly(`commit map @${version} ${map}`)];
}
