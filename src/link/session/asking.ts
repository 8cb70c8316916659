import { KontenaError, later, type Millis, type NodeAnswer, type NodeAnswers, type NodeQuestion } from '../../model/index.js';
import type { AgentSide, Clock } from '../../ports/index.js';
import type { MasterSession } from './master-session.js';

/** A node looks at its machine, and probes each other node for 6 s at most. */
const ANSWER_MS: Millis = 15_000;
/** What it reads whole volumes for. */
const LONG_ANSWER_MS: Millis = 60 * 60_000;
const LONG: ReadonlySet<NodeQuestion['kind']> = new Set<NodeQuestion['kind']>(['weigh-volume', 'remove-volumes']);

/** Asks the node of a session, and waits for its one answer. @throws KON_TIMEOUT, KON_NODE_UNREACHABLE, and whatever the agent refuses with */
export async function askNode<K extends NodeQuestion['kind']>({ streams, peer }: MasterSession, question: Extract<NodeQuestion, { readonly kind: K }>, signal: AbortSignal, clock: Clock): Promise<NodeAnswers[K]> {
  const late = new AbortController();
  const limitMs = LONG.has(question.kind) ? LONG_ANSWER_MS : ANSWER_MS;
  const callOff = clock.at(later(clock.now(), limitMs), () => late.abort());
  const stream = streams.open({ kind: 'ask', question }, AbortSignal.any([signal, late.signal]));
  try {
    for await (const data of stream.received()) if (data.kind === 'answer' && data.answer.kind === question.kind) return data.answer.said as NodeAnswers[K];
  } finally {
    callOff();
    stream.close();
  }
  if (late.signal.aborted) throw new KontenaError('KON_TIMEOUT', `node ${peer.name} has not answered within ${limitMs / 1000} s`);
  throw new KontenaError('KON_NODE_UNREACHABLE', `node ${peer.name} did not answer`);
}

/** What an agent answers, with which question it is of. */
export const answerOf = async (agent: AgentSide, question: NodeQuestion, signal: AbortSignal): Promise<NodeAnswer> =>
  ({ kind: question.kind, said: await agent.answer(question, signal) }) as NodeAnswer;
