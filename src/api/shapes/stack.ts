import { type Entry, serviceName, type StackBody } from '../../model/index.js';
import type { Resource, View } from '../../ports/index.js';
import { defined } from '../defined.js';
import { namesOf, resource, type Shape } from './resource.js';
import { services, type State, summarize, type Summary } from './service.js';

type Concerned = NonNullable<Shape['watches']['Service']>;

/** The stacks of the services that a changed record concerns. */
const stacksOf = (concerned: Concerned): Concerned => (name, view) => {
  const names = concerned(name, view);
  return names === 'all' ? names : [...new Set(names.map((service) => service.slice(0, service.indexOf('/'))))];
};

/** Stacks as declared, with how their services fare. */
export const stacks: Shape = {
  names: (view) => namesOf(view, 'Stack'),
  describe: (view, name) => {
    const entry = view.get('Stack', name);
    return entry === undefined ? undefined : describeStack(entry, view);
  },
  watches: {
    ...Object.fromEntries(Object.entries(services.watches).map(([kind, concerned]) => [kind, stacksOf(concerned)])),
    Stack: (name) => [name],
    // Whom a file concerned before is gone with it; files change rarely.
    Source: () => 'all',
  },
};

function describeStack(entry: Entry<'Stack'>, view: View): Resource {
  const { name, body } = entry;
  const summaries = Object.fromEntries(Object.keys(body.spec.services).sort().map((service) => [service, summarize(serviceName(name, service), view)]));
  const all = Object.values(summaries);
  const state = stackState(all);
  return resource('Stack', view.grid, entry, {
    spec: body.spec,
    status: {
      state,
      declared: entry.revision,
      services: Object.fromEntries(Object.entries(summaries).map(([service, summary]) => [service, defined(summary)])),
      instances: sum(all),
      reason: all.find(({ reason }) => reason !== undefined)?.reason,
      origin: body.origin,
      sourceError: sourceError(name, body, view),
      scaled: scaledByHand(body),
    },
  });
}

/** The states from worst to best: a stack is as its worst service. */
const WORST_FIRST: readonly State[] = ['failed', 'degraded', 'deploying', 'stopping', 'running'];

/** @param summaries of its services; one that is not declared yet on the way from the stack is deploying, not stopping */
function stackState(summaries: readonly Pick<Summary, 'state' | 'declared'>[]): State {
  const states = summaries.map(({ state, declared }) => (declared === undefined ? 'deploying' : state));
  return WORST_FIRST.find((state) => states.includes(state)) ?? 'stopped';
}

function sum(all: readonly Summary[]): Summary['instances'] {
  const total = { wanted: 0, running: 0, healthy: 0 };
  for (const { instances } of all) {
    total.wanted += instances.wanted;
    total.running += instances.running;
    total.healthy += instances.healthy;
  }
  return total;
}

/** `{web: {file: 3, scaled: 5}}`: where a person's number differs from the file's. */
function scaledByHand({ spec, scaled }: StackBody): Readonly<Record<string, unknown>> | undefined {
  const differing = Object.entries(scaled).flatMap(([service, instances]) => {
    const file = spec.services[service]?.instances;
    return file === undefined || file === instances ? [] : [[service, { file, scaled: instances }]];
  });
  return differing.length === 0 ? undefined : (Object.fromEntries(differing) as Readonly<Record<string, unknown>>);
}

/** What is the matter with the file it comes from, or with another that claims its name. */
function sourceError(name: string, { origin }: StackBody, view: View): string | undefined {
  const concerned = view.list('Source').filter((source) => source.name === origin || source.body.stack === name);
  return concerned.find(({ body }) => body.error !== undefined)?.body.error;
}
