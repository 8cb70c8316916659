import type { handleBidiStreamingCall, handleServerStreamingCall, handleUnaryCall } from '@grpc/grpc-js';
import type { Caller, Clock, Control, Log, TwoWay } from '../../ports/index.js';
import { carryBoth } from '../carry.js';
import type { Talk } from '../convert/talk.js';
import { streaming, unary } from './answer.js';
import { carryCall, type Join } from './carry-call.js';
import type { Guard } from './guard.js';
import type { Call } from './peer.js';

/**
 * How the methods of one group are served. Each names the call it is served by, which it is given as the caller may make
 * it, and no other: so whoever knows the call's action knows the method's.
 */
export interface Serving<Calls> {
  /** One answer. */
  readonly ask: <Name extends keyof Calls, Request, Answer>(name: Name, work: (call: Calls[Name], request: Request) => Promise<Answer>) => handleUnaryCall<Request, Answer>;
  /** One answer after the other, until the signal aborts. */
  readonly stream: <Name extends keyof Calls, Request, Answer>(name: Name, work: (call: Calls[Name], request: Request, signal: AbortSignal) => AsyncIterable<Answer>) => handleServerStreamingCall<Request, Answer>;
  /** Both ends speak, until both have ended unless `join` says otherwise. */
  readonly carry: <Name extends keyof Calls, Open, In, Out, Request, Answer>(
    name: Name,
    talk: Talk<Open, In, Out, Request, Answer>,
    open: (call: Calls[Name], what: Open, signal: AbortSignal) => TwoWay<In, Out>,
    join?: Join<In, Out>,
  ) => handleBidiStreamingCall<Request, Answer>;
}

/** For each group of calls how its methods are served. */
export type ServingOf = <Group extends keyof Control>(group: Group) => Serving<Control[Group]>;

export interface ServingOptions {
  readonly control: (caller: Caller) => Control;
  readonly guard: Guard;
  readonly clock: Clock;
  readonly log: Log;
}

/** Serves methods by what each caller may ask. Every method asks for the certificate of a client first. */
export function servingOf({ control, guard, clock, log }: ServingOptions): ServingOf {
  return (group) => {
    const callsOf = (call: Call): Control[typeof group] => control(guard.client(call))[group];
    return {
      ask: (name, work) => unary(log, (call) => work(callsOf(call)[name], call.request)),
      stream: (name, work) => streaming({ log, clock, hold: (call, cut) => guard.hold(call, cut) }, (call, signal) => work(callsOf(call)[name], call.request, signal)),
      carry: (name, talk, open, join = carryBoth) => (call) => void carryCall(call, { talk, join, open: (what, signal) => open(callsOf(call)[name], what, signal) }, { guard, log }),
    };
  };
}
