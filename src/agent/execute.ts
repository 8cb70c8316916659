import type { CreateContainer, Runtime } from '../ports/index.js';
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

type Executors = { readonly [D in Step['do']]: (job: Job, step: Extract<Step, { readonly do: D }>) => Promise<void> };

/** Carries out steps on a runtime. No decisions here: a new kind of step does not compile until it has its line. */
export function executor(runtime: Runtime, images: Images): (job: Job, step: Step) => Promise<void> {
  const starts = new Lane(STARTS_AT_ONCE);
  const stops = new Lane(STOPS_AT_ONCE);
  const executors: Executors = {
    'look-for-image': (_job, { image }) => images.look(image),
    pull: ({ signal }, { image }) => images.pull(image, signal),
    create: ({ request }) => starts.pass(async () => (request === undefined ? undefined : runtime.create(request))),
    start: ({ instance }) => starts.pass(() => runtime.start(instance)),
    stop: ({ instance }) => stops.pass(() => runtime.stop(instance)),
    remove: ({ instance }) => stops.pass(() => runtime.remove(instance)),
  };
  return (job, step) => executors[step.do](job, step as never);
}
