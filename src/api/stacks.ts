import { type Change, drop, KontenaError, type Mistake, type Revision, serviceName, type StackBody } from '../model/index.js';
import type { Applied, ApplyRequest, Author, Clock, Difference, StackCalls, Store, View } from '../ports/index.js';
import { checkStack } from '../stackfile/index.js';
import type { AuthorIn } from './author-in.js';
import { verbCalls } from './by-hand.js';
import { checkStackInGrid, hasForm, vanishing } from './check-stack-in-grid.js';
import { decide, type Decision, record } from './declare.js';
import { followStack } from './follow.js';
import { notFound } from './not-found.js';
import { requireGrid } from './require-grid.js';
import { revertOf } from './shapes/index.js';
import { keep, type ReadyValue, readySecret, sealing } from './vault.js';
import type { VaultMeans } from './vault-means.js';

interface Means extends VaultMeans {
  readonly clock: Clock;
}

/** What may be asked of stacks. */
export const stackCalls = (means: Means, author: AuthorIn): StackCalls => ({
  apply: (request) => applyStack(means, author(request.grid), request),
  follow: (grid, stack, revision, signal) => followStack(means.store, means.clock, { grid, stack, revision }, signal),
  ...verbCalls('stack', means.store, author),
});

/**
 * Declares a stack, and writes the secrets that come with it. What it says is compared with what is stored; equal input
 * writes nothing.
 *
 * @throws KontenaError KON_STACK_INVALID with every mistake, KON_INVALID for a secret, KON_NOT_FOUND when the grid does not exist
 */
async function applyStack(means: VaultMeans, author: Author, request: ApplyRequest): Promise<Applied> {
  const { store } = means;
  const found = checkStack(request.stack);
  const secrets = Object.entries(request.secrets ?? {}).map(([name, value]) => readySecret(means, request.grid, name, value));
  const prepared = { found, secrets, sealedNames: store.sealedNames(request.grid) };
  if (request.dryRun) {
    const view = store.view(request.grid);
    const { differences, revision, warnings } = decideApply(request, prepared, view);
    return { name: request.stack.name, revision: revision ?? view.revision, differences, warnings };
  }
  return record(store, author, request.stack.name, (view) => decideApply(request, prepared, view));
}

/** @throws KontenaError KON_NOT_FOUND, KON_CONFLICT while another stack links to one of its services */
export async function removeStack(store: Store, author: Author, name: string): Promise<{ readonly revision: Revision }> {
  const { revision } = await store.update(author, (view) => ({ steps: decideRemove(name, view) }));
  return { revision };
}

interface Prepared {
  /** What is wrong with the stack in itself. */
  readonly found: readonly Mistake[];
  readonly secrets: readonly ReadyValue[];
  readonly sealedNames: readonly string[];
}

function decideApply({ stack, origin, dryRun, volumes = [] }: ApplyRequest, { found, secrets, sealedNames }: Prepared, view: View): Decision {
  requireGrid(view);
  // Of one place the first complaint is the better one: it knows the file.
  const places = new Set(found.map(({ path }) => path));
  const all = [...found, ...(hasForm(stack) ? checkStackInGrid(stack, { secrets: new Set(secrets.map(({ item }) => item.name)), volumes: new Set(dryRun ? volumes : []) }, view).filter(({ path }) => !places.has(path)) : [])];
  refuse(stack, all);
  const before = view.get('Stack', stack.name);
  const after: StackBody = { spec: stack, scaled: {}, ...(origin === undefined ? {} : { origin }), ...outliving(stack, before?.body, view) };
  const warnings = [...all.filter(({ severity }) => severity === 'warning'), ...(after.stopped ?? []).map((service) => staysStopped(stack.name, service))];
  const declared = decide(stack.name, { before: before?.body, after, why: origin === undefined ? 'applied' : `applied from ${origin}` }, before?.revision, warnings);
  const kept = secrets.map((secret) => keep(secret, view)).filter(({ steps }) => steps.length > 0);
  if (kept.length === 0) return declared;
  return {
    ...declared,
    steps: [...kept.flatMap(({ steps }) => steps), ...declared.steps],
    sealed: sealing(kept, sealedNames, view),
    differences: [
      ...kept.map(({ item: { name } }): Difference => ({ kind: 'Secret', name, action: view.get('Secret', name) === undefined ? 'create' : 'update', fields: [], replaces: false })),
      ...declared.differences,
    ],
  };
}

/** What people did by hand that no file takes back. */
function outliving(stack: ApplyRequest['stack'], before: StackBody | undefined, view: View): Pick<StackBody, 'retries' | 'stopped' | 'rounds'> {
  const retries = retriesAfter(stack, before, view);
  const stopped = (before?.stopped ?? []).filter((service) => Object.hasOwn(stack.services, service));
  const rounds = before?.rounds;
  return { ...(Object.keys(retries).length === 0 ? {} : { retries }), ...(stopped.length === 0 ? {} : { stopped }), ...(rounds === undefined ? {} : { rounds }) };
}

/** What a person stopped a file does not start. */
const staysStopped = (stack: string, service: string): Mistake => ({
  severity: 'warning', path: `services.${service}`, message: 'stays stopped, as it was stopped by hand', hint: `start it with \`kontenactl service start ${serviceName(stack, service)}\``,
});

/** Applying again what went back is a new attempt, also where the file says the same. */
function retriesAfter({ name, services }: ApplyRequest['stack'], before: StackBody | undefined, view: View): NonNullable<StackBody['retries']> {
  const counts = Object.keys(services).map((service) => {
    const soFar = before?.retries?.[service] ?? 0;
    return [service, revertOf(serviceName(name, service), view) === undefined ? soFar : soFar + 1] as const;
  });
  return Object.fromEntries(counts.filter(([, count]) => count > 0));
}

function decideRemove(name: string, view: View): readonly Change[] {
  requireGrid(view);
  if (view.get('Stack', name) === undefined) throw notFound({ what: 'stack', typed: name, grid: view.grid, known: view.list('Stack').map((stack) => stack.name) });
  const linked = vanishing(name, new Set(), view);
  if (linked.length > 0) {
    throw new KontenaError('KON_CONFLICT', `stack ${name} cannot be removed: ${linked.map(({ message }) => message).join('; ')}`, { mistakes: linked });
  }
  return [drop('Stack', name, 'removed')];
}

/** @throws KontenaError KON_STACK_INVALID when a mistake is an error; every mistake goes with it */
function refuse({ name }: { readonly name: unknown }, mistakes: readonly Mistake[]): void {
  const errors = mistakes.filter(({ severity }) => severity === 'error');
  if (errors.length === 0) return;
  const sentences = errors.map(({ path, message }) => `${path}: ${message}`).join('; ');
  throw new KontenaError('KON_STACK_INVALID', `stack ${typeof name === 'string' ? name : '(without a name)'} cannot be applied: ${sentences}`, { mistakes });
}
