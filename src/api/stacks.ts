import { type Change, drop, KontenaError, type Mistake, parseService, put, type Revision, serviceName, type StackBody } from '../model/index.js';
import type { Applied, ApplyRequest, Author, Clock, Difference, SealedChange, StackCalls, Store, View } from '../ports/index.js';
import { checkStack } from '../stackfile/index.js';
import type { AuthorIn } from './author-in.js';
import { checkStackInGrid, hasForm, vanishing, wrongHostName, wrongInstances } from './check-stack-in-grid.js';
import { stackDifferences } from './differences.js';
import { followStack } from './follow.js';
import { declaredNames, fullName } from './names.js';
import { notFound } from './not-found.js';
import { requireGrid } from './require-grid.js';
import { revertOf } from './shapes/index.js';
import { keep, type ReadyValue, readySecret, sealing, type VaultMeans } from './vault.js';

interface Means extends VaultMeans {
  readonly clock: Clock;
}

/** What may be asked of stacks. */
export const stackCalls = (means: Means, author: AuthorIn): StackCalls => ({
  apply: (request) => applyStack(means, author(request.grid), request),
  follow: (grid, stack, revision, signal) => followStack(means.store, means.clock, { grid, stack, revision }, signal),
});

/** What a stack becomes by one act of a person, as a plan for the store. */
interface Decision {
  readonly steps: readonly Change[];
  readonly sealed?: readonly SealedChange[];
  readonly differences: readonly Difference[];
  readonly warnings: readonly Mistake[];
  /** Of the stack's record as it is; undefined when there is none. */
  readonly revision: Revision | undefined;
}

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

/**
 * Sets the number of instances of a service until its stack is next applied.
 *
 * @throws KontenaError KON_NOT_FOUND, KON_INVALID
 */
export async function scaleService(store: Store, author: Author, service: string, instances: number): Promise<Applied> {
  const name = fullName('service', service, store.view(author.grid));
  return record(store, author, parseService(name)?.stack ?? name, (view) => decideScale(name, instances, view));
}

/** @throws KontenaError KON_NOT_FOUND, KON_CONFLICT while another stack links to one of its services */
export async function removeStack(store: Store, author: Author, name: string): Promise<{ readonly revision: Revision }> {
  const { revision } = await store.update(author, (view) => ({ steps: decideRemove(name, view) }));
  return { revision };
}

async function record(store: Store, author: Author, name: string, decide: (view: View) => Decision): Promise<Applied> {
  const { plan, revision } = await store.update(author, decide);
  return {
    name,
    revision: plan.steps.length > 0 ? revision : (plan.revision ?? revision),
    differences: plan.differences,
    warnings: plan.warnings,
  };
}

interface Prepared {
  /** What is wrong with the stack in itself. */
  readonly found: readonly Mistake[];
  readonly secrets: readonly ReadyValue[];
  readonly sealedNames: readonly string[];
}

function decideApply({ stack, origin }: ApplyRequest, { found, secrets, sealedNames }: Prepared, view: View): Decision {
  requireGrid(view);
  // Of one place the first complaint is the better one: it knows the file.
  const places = new Set(found.map(({ path }) => path));
  const all = [...found, ...(hasForm(stack) ? checkStackInGrid(stack, new Set(secrets.map(({ item }) => item.name)), view).filter(({ path }) => !places.has(path)) : [])];
  refuse(stack, all);
  const warnings = all.filter(({ severity }) => severity === 'warning');
  const before = view.get('Stack', stack.name);
  const retries = retriesAfter(stack, before?.body, view);
  const after: StackBody = { spec: stack, scaled: {}, ...(origin === undefined ? {} : { origin }), ...(Object.keys(retries).length === 0 ? {} : { retries }) };
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

/** Applying again what went back is a new attempt, also where the file says the same. */
function retriesAfter({ name, services }: ApplyRequest['stack'], before: StackBody | undefined, view: View): NonNullable<StackBody['retries']> {
  const counts = Object.keys(services).map((service) => {
    const soFar = before?.retries?.[service] ?? 0;
    return [service, revertOf(serviceName(name, service), view) === undefined ? soFar : soFar + 1] as const;
  });
  return Object.fromEntries(counts.filter(([, count]) => count > 0));
}

function decideScale(name: string, instances: number, view: View): Decision {
  requireGrid(view);
  const wrong = wrongInstances(instances);
  if (wrong !== undefined) throw new KontenaError('KON_INVALID', `${name} cannot be scaled: ${wrong}`);
  const id = parseService(name);
  const before = id === undefined ? undefined : view.get('Stack', id.stack);
  const declared = id === undefined ? undefined : before?.body.spec.services[id.service];
  if (id === undefined || before === undefined || declared === undefined) throw notFound({ what: 'service', typed: name, grid: view.grid, known: declaredNames(view) });

  const { [id.service]: _before, ...others } = before.body.scaled;
  const scaled = declared.instances === instances ? others : { ...others, [id.service]: instances };
  const after = { ...before.body, scaled };
  const host = wrongHostName(id.stack, id.service, instances, view.grid);
  if (host !== undefined) throw new KontenaError('KON_INVALID', `${name} cannot be scaled: ${host}`);
  return decide(id.stack, { before: before.body, after, why: `scaled ${name} to ${instances}` }, before.revision, []);
}

interface Transition {
  readonly before: StackBody | undefined;
  readonly after: StackBody;
  readonly why: string;
}

function decide(name: string, { before, after, why }: Transition, revision: Revision | undefined, warnings: readonly Mistake[]): Decision {
  const differences = stackDifferences(name, before, after);
  return { steps: differences.length === 0 ? [] : [put('Stack', name, after, why)], differences, warnings, revision };
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
