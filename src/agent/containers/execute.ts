import { HOOK_SECONDS, later, type Millis } from '../../model/index.js';
import type { Answer, Clock, CommandResult, CreateContainer, Runtime } from '../../ports/index.js';
import type { Check } from './checks.js';
import type { Images } from './images.js';
import { Lane } from './lane.js';
import type { Step } from './plan.js';

/** An engine starts ten containers at once in little more than the time of three, one after another; more gain nothing. */
const STARTS_AT_ONCE = 10;

/** Stopping is mostly waiting for the container to end. */
const STOPS_AT_ONCE = 32;

export interface Job {
  readonly instance: string;
  /** Undefined for what is not wanted any more. */
  readonly request: CreateContainer | undefined;
  /** Ends a wait that holds up nothing but this instance. */
  readonly signal: AbortSignal;
}

/** What came of a step that may end badly without failing, a check or a hook, and the last lines that a command wrote. */
export type Outcome = (Answer & { readonly output?: readonly string[] }) | undefined;

type Executors = { readonly [D in Step['do']]: (job: Job, step: Extract<Step, { readonly do: D }>) => Promise<Outcome> };

/** Carries out steps on a runtime. No decisions here: a new kind of step does not compile until it has its line. */
export function executor({ runtime, images, clock }: { readonly runtime: Runtime; readonly images: Images; readonly clock: Clock }): (job: Job, step: Step) => Promise<Outcome> {
  const starts = new Lane(STARTS_AT_ONCE);
  const stops = new Lane(STOPS_AT_ONCE);
  const executors: Executors = {
    'look-for-image': (_job, { image }) => plainly(images.look(image)),
    pull: ({ signal }, { image }) => plainly(images.pull(image, signal)),
    create: ({ request }) => starts.pass(() => plainly(request === undefined ? Promise.resolve() : runtime.create(request))),
    start: ({ instance }) => starts.pass(() => plainly(runtime.start(instance))),
    stop: ({ instance }) => stops.pass(() => plainly(runtime.stop(instance))),
    remove: ({ instance }) => stops.pass(() => plainly(runtime.remove(instance))),
    hook: async ({ instance, request, signal }, { moment, hook }) => {
      const command = typeof hook.command === 'string' ? ['/bin/sh', '-c', hook.command] : hook.command;
      const timeoutMs = (hook.timeoutSeconds ?? HOOK_SECONDS) * 1000;
      const limits = { what: `hook ${hook.name}`, timeoutMs, signal };
      if (moment !== 'preStart') return within(limits, (limit) => runtime.exec(instance, command, limit));
      return request === undefined ? undefined : within(limits, (limit) => runtime.runOnce(request, command, limit));
    },
    check: ({ instance, signal }, { check, address }) => Promise.race([ask(check, { instance, address, signal }), calledOff(signal)]),
  };
  return (job, step) => executors[step.do](job, step as never);

  function ask(check: Check, { instance, address, signal }: Asked): Promise<Answer> {
    if (check.of === 'health' && check.spec.protocol === 'command') {
      const { spec: { command = [] }, timeoutMs } = check;
      return within({ what: command.join(' '), timeoutMs, signal }, (limit) => runtime.exec(instance, command, limit));
    }
    const port = check.of === 'port' ? check.port : check.spec.port;
    if (address === undefined || port === undefined) return Promise.resolve({ isGood: false, said: 'it has no address and port to ask' });
    const isHttp = check.of === 'health' && check.spec.protocol === 'http';
    return runtime.probe(address, isHttp ? { protocol: 'http', port, uri: check.spec.uri ?? '/' } : { protocol: 'tcp', port }, check.timeoutMs);
  }

  /** What comes of a command, which has so long, or until it is called off. */
  async function within({ what, timeoutMs, signal }: Limits, run: (limit: AbortSignal) => Promise<CommandResult>): Promise<NonNullable<Outcome>> {
    const limit = new AbortController();
    const callOff = clock.at(later(clock.now(), timeoutMs), () => limit.abort());
    try {
      return verdict(what, await run(AbortSignal.any([limit.signal, signal])), timeoutMs);
    } finally {
      callOff();
    }
  }
}

interface Asked {
  readonly instance: string;
  readonly address: string | undefined;
  readonly signal: AbortSignal;
}

interface Limits {
  /** The command, in words. */
  readonly what: string;
  readonly timeoutMs: Millis;
  readonly signal: AbortSignal;
}

/** It is done, or it throws. */
const plainly = (work: Promise<void>): Promise<undefined> => work.then(() => undefined);

function verdict(what: string, { exitCode, output }: CommandResult, timeoutMs: Millis): NonNullable<Outcome> {
  const end = exitCode === undefined ? `did not end within ${timeoutMs / 1000} s` : `ended with exit code ${exitCode}`;
  return { isGood: exitCode === 0, said: [`${what} ${end}`, ...output.slice(-1)].join(': '), output };
}

/** Called off, it says nothing: who called it off looks again. */
const calledOff = (signal: AbortSignal): Promise<undefined> => new Promise((resolve) => signal.addEventListener('abort', () => resolve(undefined), { once: true }));
