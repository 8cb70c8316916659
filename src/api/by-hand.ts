import { type Entry, KontenaError, parseService, serviceName, type ServiceSpec, type StackBody } from '../model/index.js';
import type { Applied, Author, ServiceChange, Store, Verb, VerbCalls, View } from '../ports/index.js';
import type { AuthorIn } from './author-in.js';
import { checkStack, withTag } from '../stackfile/index.js';
import { wrongHostName, wrongInstances } from './check-stack-in-grid.js';
import { decide, type Decision, record } from './declare.js';
import { declaredNames, fullName, withoutKind } from './names.js';
import { notFound } from './not-found.js';
import { requireGrid } from './require-grid.js';
import { revertOf } from './shapes/index.js';

/**
 * Sets the number of instances of a service until its stack is next applied.
 *
 * @throws KontenaError KON_NOT_FOUND, KON_INVALID
 */
export const scaleService = (store: Store, author: Author, service: string, instances: number): Promise<Applied> =>
  changeService(store, author, service, (declared, view) => {
    const after = scaled(declared, instances, view);
    return { after, why: `scaled ${declared.name} to ${instances}` };
  });

/**
 * Changes what is declared of a service until its stack is next applied.
 *
 * @throws KontenaError KON_NOT_FOUND, KON_INVALID
 */
export const updateService = (store: Store, author: Author, service: string, change: ServiceChange): Promise<Applied> =>
  changeService(store, author, service, (declared, view) => {
    const { name, stack, short, spec } = declared;
    const after: ServiceSpec = { ...spec, ...(change.image === undefined ? {} : { image: withTag(change.image) }), env: environment(spec.env, change) };
    const services = { ...stack.body.spec.services, [short]: after };
    const wrong = checkStack({ ...stack.body.spec, services }).find(({ severity }) => severity === 'error');
    if (wrong !== undefined) throw new KontenaError('KON_INVALID', `${name} cannot be updated: ${wrong.path}: ${wrong.message}`);
    const body = change.instances === undefined ? stack.body : scaled(declared, change.instances, view);
    return { after: { ...body, spec: { ...stack.body.spec, services } }, why: `updated ${name} by hand` };
  });

/** A call for each verb. */
export function verbCalls(kind: 'stack' | 'service', store: Store, author: AuthorIn): VerbCalls {
  const call = (verb: Verb) => (grid: string, typed: string) => operate(store, author(grid), { kind, typed, verb });
  return { start: call('start'), stop: call('stop'), restart: call('restart'), redeploy: call('redeploy') };
}

/**
 * Starts or stops services, or has their instances replaced by their like; of a stack, all that it makes sense for.
 *
 * @throws KontenaError KON_NOT_FOUND, KON_STOPPED for a round of what stands still
 */
async function operate(store: Store, author: Author, { kind, typed, verb }: { readonly kind: 'stack' | 'service'; readonly typed: string; readonly verb: Verb }): Promise<Applied> {
  if (kind === 'service') {
    return changeService(store, author, typed, ({ name, stack, short }, view) => ({ after: operated(name, stack, { services: [short], verb }, view), why: `${DONE[verb]} ${name}` }));
  }
  const name = withoutKind('stack', typed);
  return record(store, author, name, (view) => {
    requireGrid(view);
    const stack = view.get('Stack', name);
    if (stack === undefined) throw notFound({ what: 'stack', typed: name, grid: view.grid, known: view.list('Stack').map((one) => one.name) });
    const all = Object.keys(stack.body.spec.services);
    const services = verb === 'start' || verb === 'stop' ? all : all.filter((service) => stack.body.stopped?.includes(service) !== true);
    if (services.length === 0) throw standsStill(`stack ${name}`);
    return decide(name, { before: stack.body, after: operated(name, stack, { services, verb }, view), why: `${DONE[verb]} stack ${name}` }, stack.revision, []);
  });
}

const DONE: Readonly<Record<Verb, string>> = { start: 'started', stop: 'stopped', restart: 'restarted', redeploy: 'redeployed' };

const standsStill = (what: string): KontenaError => new KontenaError('KON_STOPPED', `${what} is stopped: there is nothing to replace by its like`);

function operated(name: string, { name: stackName, body }: Entry<'Stack'>, { services, verb }: { readonly services: readonly string[]; readonly verb: Verb }, view: View): StackBody {
  const { stopped: before = [], rounds = {}, retries = {}, ...rest } = body;
  if (verb === 'start' || verb === 'stop') {
    const others = before.filter((service) => !services.includes(service));
    const stopped = verb === 'stop' ? [...others, ...services].sort() : others;
    return { ...rest, ...kept({ rounds, retries }), ...(stopped.length === 0 ? {} : { stopped }) };
  }
  if (services.some((service) => before.includes(service))) throw standsStill(name);
  const again = (counts: Readonly<Record<string, number>>, which: readonly string[]): Readonly<Record<string, number>> => ({ ...counts, ...Object.fromEntries(which.map((service) => [service, (counts[service] ?? 0) + 1])) });
  const reverted = verb === 'redeploy' ? services.filter((service) => revertOf(serviceName(stackName, service), view) !== undefined) : [];
  return { ...rest, ...(before.length === 0 ? {} : { stopped: before }), ...kept({ rounds: again(rounds, services), retries: again(retries, reverted) }) };
}

/** Counts that count something. */
const kept = (counts: Required<Pick<StackBody, 'rounds' | 'retries'>>): Pick<StackBody, 'rounds' | 'retries'> => Object.fromEntries(Object.entries(counts).filter(([, count]) => Object.keys(count).length > 0));

/** A service that a stack declares. */
interface DeclaredService {
  readonly name: string;
  readonly short: string;
  readonly spec: ServiceSpec;
  readonly stack: Entry<'Stack'>;
}

async function changeService(store: Store, author: Author, typed: string, change: (declared: DeclaredService, view: View) => { readonly after: StackBody; readonly why: string }): Promise<Applied> {
  const name = fullName('service', typed, store.view(author.grid));
  return record(store, author, parseService(name)?.stack ?? name, (view): Decision => {
    requireGrid(view);
    const id = parseService(name);
    const stack = id === undefined ? undefined : view.get('Stack', id.stack);
    const spec = id === undefined ? undefined : stack?.body.spec.services[id.service];
    if (id === undefined || stack === undefined || spec === undefined) throw notFound({ what: 'service', typed: name, grid: view.grid, known: declaredNames(view) });
    const { after, why } = change({ name, short: id.service, spec, stack }, view);
    return decide(id.stack, { before: stack.body, after, why }, stack.revision, []);
  });
}

function scaled({ name, short, spec, stack }: DeclaredService, instances: number, view: View): StackBody {
  const wrong = wrongInstances(instances) ?? wrongHostName(stack.name, short, instances, view.grid);
  if (wrong !== undefined) throw new KontenaError('KON_INVALID', `${name} cannot be scaled: ${wrong}`);
  const { [short]: _before, ...others } = stack.body.scaled;
  return { ...stack.body, scaled: spec.instances === instances ? others : { ...others, [short]: instances } };
}

/** The environment with some of it set, in its place where it was there, and some of it taken away. */
function environment(before: readonly string[], { env = [], unset = [] }: ServiceChange): readonly string[] {
  const nameOf = (assignment: string): string => assignment.slice(0, assignment.indexOf('='));
  const odd = env.find((assignment) => assignment.indexOf('=') < 1);
  if (odd !== undefined) throw new KontenaError('KON_INVALID', `"${odd}" sets no variable: NAME=value does`);
  const set = new Map(env.map((assignment) => [nameOf(assignment), assignment]));
  const stays = before.filter((assignment) => !unset.includes(nameOf(assignment))).map((assignment) => set.get(nameOf(assignment)) ?? assignment);
  return [...stays, ...[...set].filter(([name]) => !stays.some((assignment) => nameOf(assignment) === name)).map(([, assignment]) => assignment)];
}
