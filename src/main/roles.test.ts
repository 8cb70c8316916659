import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { connect, type Connected, type Credential } from '../link/client/index.js';
import { GRID_ROLES, KontenaError, MASTER_ROLES, mayDo } from '../model/index.js';
import { ACTION_NAMES, ACTIONS, type ActionName, type Control, type ListQuery, type Log, RESOURCE_KINDS, type ResourceCalls, type TwoWay, type VerbCalls } from '../ports/index.js';
import { stackSpec } from '../testing/opened-api.js';
import { type Master, startMaster } from './master-process.js';

/** Every action tried by every role at a real master, both ways. What comes of it is docs/roles.md; `ROLES_MD=write` writes that anew. */
jest.setTimeout(60_000);

const ROLES = { ...GRID_ROLES, ...MASTER_ROLES };
const DOCUMENT = new URL('../../docs/roles.md', import.meta.url);

const silent: Log = { info: () => undefined, warn: () => undefined, error: () => undefined };
const root = mkdtempSync(join(tmpdir(), 'kontena-roles-'));
const clients = new Map<string, Connected>();
let master: Master;

beforeAll(async () => {
  master = await startMaster({
    data: root, host: '127.0.0.1', port: 0, advertise: [], watchDirectory: undefined, allowEmpty: false, openStackRegistry: () => Promise.resolve(undefined), log: silent,
  });
  const own = JSON.parse(readFileSync(join(root, 'admin.json'), 'utf8')) as Credential;
  const admin = connect(own, { timeoutMs: 5000 });
  for (const role of Object.keys(ROLES)) {
    const papers = await admin.credentials.create({ name: `a-${role}`, lifetimeSeconds: 3600, role, grid: 'default' });
    clients.set(role, connect({ ...papers, server: own.server }, { timeoutMs: 5000 }));
  }
  admin.close();
});
afterAll(async () => {
  for (const client of clients.values()) client.close();
  await master.close();
  rmSync(root, { recursive: true, force: true });
});

type Asking<Calls> = { readonly [Call in keyof Calls]: (calls: Calls, signal: AbortSignal) => unknown };
type Plain = { readonly [Group in Exclude<keyof Control, 'resources'>]: Asking<Control[Group]> };

const VERBS: Asking<VerbCalls> = {
  start: (calls) => calls.start('default', 'nobody'), stop: (calls) => calls.stop('default', 'nobody'), restart: (calls) => calls.restart('default', 'nobody'), redeploy: (calls) => calls.redeploy('default', 'nobody'),
};

/** Each call once, of what there is not or what changes nothing: it is refused for want of a right, or for another reason, or not at all. */
const ASKED: Plain = {
  master: {
    info: (calls) => calls.info(),
    backup: (calls, signal) => calls.backup(signal),
    rotateAuthority: (calls) => calls.rotateAuthority({ isEnd: true, isForced: false }),
    logs: (calls, signal) => calls.logs('default', { follow: false }, signal),
  },
  grids: { create: (calls) => calls.create({ name: '!' }), update: (calls) => calls.update('default', {}) },
  stacks: {
    apply: (calls) => calls.apply({ grid: 'default', stack: stackSpec('todo'), dryRun: true }),
    follow: (calls, signal) => calls.follow('default', 'nobody', 1, signal),
    ...VERBS,
  },
  services: { scale: (calls) => calls.scale('default', 'nobody', 1), update: (calls) => calls.update('default', 'nobody', {}), ...VERBS },
  instances: {
    logs: (calls, signal) => calls.logs('default', 'nobody', { follow: false }, signal),
    forward: (calls, signal) => calls.forward('default', { name: 'nobody', port: 1 }, signal),
    exec: (calls, signal) => calls.exec('default', { name: 'nobody', call: { command: ['true'], hasInput: false } }, signal),
    attach: (calls, signal) => calls.attach('default', 'nobody', signal),
    look: (calls, signal) => calls.look('default', { name: 'nobody', path: '/' }, signal),
    pack: (calls, signal) => calls.pack('default', { name: 'nobody', path: '/' }, signal),
    unpack: (calls, signal) => calls.unpack('default', { name: 'nobody', path: '/' }, signal),
    checks: (calls, signal) => calls.checks('default', 'nobody', signal),
    statistics: (calls, signal) => calls.statistics('default', { name: 'nobody' }, signal),
  },
  events: { read: (calls, signal) => calls.read('default', { follow: false }, signal) },
  nodes: { update: (calls) => calls.update('default', 'nobody', {}), rotateKeys: (calls, signal) => calls.rotateKeys('default', 'nobody', signal), statistics: (calls, signal) => calls.statistics('default', { name: 'nobody' }, signal), logs: (calls, signal) => calls.logs('default', 'nobody', { follow: false }, signal) },
  network: { status: (calls, signal) => calls.status('default', { isProbed: false }, signal), lookUp: (calls, signal) => calls.lookUp('default', { name: 'nobody' }, signal) },
  vault: {
    writeSecret: (calls) => calls.writeSecret('default', { name: '!', value: '' }),
    readSecret: (calls) => calls.readSecret('default', 'nobody'),
    writeCertificate: (calls) => calls.writeCertificate('default', { certificate: '', chain: '', privateKey: '' }),
    readCertificate: (calls) => calls.readCertificate('default', 'nobody'),
    requestCertificate: (calls) => calls.requestCertificate('default', { names: [] }),
    rotateKey: (calls) => calls.rotateKey(),
  },
  volumes: {
    declare: (calls) => calls.declare('default', { name: '!', scope: 'grid', driver: 'local', driverOpts: {}, isNew: true }),
    remove: (calls, signal) => calls.remove('default', 'nobody', { withData: false }, signal),
    read: (calls, signal) => calls.read('default', { name: 'nobody', isLive: false }, signal),
    write: (calls, signal) => calls.write('default', { name: 'nobody' }, signal),
    move: (calls, signal) => calls.move('default', { name: 'nobody', to: 'n1' }, signal),
    callOff: (calls, signal) => calls.callOff('default', { name: 'nobody' }, signal),
    follow: (calls, signal) => calls.follow('default', 'nobody', signal),
  },
  registries: { write: (calls) => calls.write('default', { host: '!', user: '', password: '' }) },
  tokens: { create: (calls) => calls.create('default', { ttlSeconds: 0, labels: [] }), createRobot: (calls) => calls.createRobot('default', { role: 'viewer', lifetimeSeconds: 0 }) },
  credentials: { create: (calls) => calls.create({ name: '!', lifetimeSeconds: 60, role: 'viewer', grid: 'default' }), renew: (calls) => calls.renew() },
  providers: {
    set: (calls) => calls.set({ settings: { kind: 'oidc', issuer: '!', clientId: '', scopes: [], userClaim: '', groupsClaim: '' } }),
    test: (calls) => calls.test('oidc'),
  },
  users: {
    add: (calls) => calls.add({ name: '!', password: '' }),
    setPassword: (calls) => calls.setPassword({ name: 'nobody', password: '' }),
    changeOwnPassword: (calls) => calls.changeOwnPassword({ before: '', password: '' }),
    disable: (calls) => calls.disable({ name: 'nobody', isDisabled: true }),
  },
  sessions: { who: (calls) => calls.who(), end: (calls) => calls.end() },
  members: { add: (calls) => calls.add('default', { name: 'nobody', role: 'viewer' }), remove: (calls) => calls.remove('default', { name: 'nobody' }) },
  roles: { create: (calls) => calls.create({ name: '!', allow: ['stack.list'] }) },
  audit: { read: (calls, signal) => calls.read({ grid: 'default', follow: false }, signal), export: (calls, signal) => calls.export(signal) },
  sources: { report: (calls) => calls.report('default', { directory: '/', file: '/nobody.yml', isGone: true }) },
};

const ASKED_OF_KIND: { readonly [Call in keyof ResourceCalls]: (calls: ResourceCalls, query: ListQuery, signal: AbortSignal) => unknown } = {
  list: (calls, query) => calls.list(query),
  watch: (calls, query, signal) => calls.watch(query, signal),
  history: (calls, { grid, kind }) => calls.history(grid, kind, kind === 'grid' ? 'default' : 'nobody'),
  remove: (calls, { grid, kind }) => calls.remove(grid, kind, kind === 'grid' ? 'default' : 'nobody'),
};

/** Whether a call was let in: it may have failed for another reason. */
async function isLetIn(control: Control, ask: (signal: AbortSignal) => unknown): Promise<boolean> {
  const enough = new AbortController();
  const waited = control.master.info().then(() => control.master.info()).then(() => enough.abort()); // by then a refusal is here
  try {
    const answer = await ask(enough.signal);
    const items = isItems(answer) ? answer : isTwoWay(answer) ? answer.received() : [];
    for await (const _item of items) break;
    return true;
  } catch (error) {
    if (!(error instanceof KontenaError)) throw error;
    return error.code !== 'KON_FORBIDDEN';
  } finally {
    enough.abort();
    await waited;
  }
}

const isItems = (answer: unknown): answer is AsyncIterable<unknown> => typeof answer === 'object' && answer !== null && Symbol.asyncIterator in answer;
const isTwoWay = (answer: unknown): answer is TwoWay<unknown, unknown> => typeof answer === 'object' && answer !== null && 'received' in answer;

/** What came of each action: who was let in. */
async function tried(): Promise<ReadonlyMap<ActionName, ReadonlySet<string>>> {
  const found = new Map<ActionName, Set<string>>();
  const note = async (action: ActionName, role: string, control: Control, ask: (signal: AbortSignal) => unknown): Promise<void> => {
    if (!found.has(action)) found.set(action, new Set());
    if (await isLetIn(control, ask)) found.get(action)?.add(role);
  };
  for (const [role, control] of clients) {
    const asking: Promise<void>[] = [];
    for (const [group, calls] of Object.entries(ASKED)) {
      for (const [call, ask] of Object.entries(calls as Record<string, (calls: unknown, signal: AbortSignal) => unknown>)) {
        const { action } = (ACTIONS[group as keyof Plain] as Record<string, { readonly action: ActionName }>)[call]!;
        asking.push(note(action, role, control, (signal) => ask(control[group as keyof Control], signal)));
      }
    }
    for (const kind of RESOURCE_KINDS) {
      for (const verb of Object.keys(ASKED_OF_KIND) as (keyof ResourceCalls)[]) {
        if (kind === 'member' && verb === 'remove') continue; // a call of its own, tried above
        asking.push(note(`${kind}.${verb}`, role, control, (signal) => ASKED_OF_KIND[verb](control.resources, { grid: 'default', kind }, signal)));
      }
    }
    await Promise.all(asking);
  }
  return found;
}

function document(may: (action: ActionName, role: string) => boolean): string {
  const roles = Object.keys(ROLES);
  const row = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [
    '# Who may do what',
    '',
    'Roles are given with `kontenactl member add NAME --role ROLE`, or with a new credential: `kontenactl credential create NAME --role ROLE`. The first four count in the grid they are given in, the last two on the master, and so in every grid. A role of your own names actions of this table: `kontenactl role create NAME --allow stack.apply,stack.follow --stacks \'web-*\'`. Nobody gives, or takes back, more than they have.',
    '',
    'A list tells of what one may list; grids that one has no role in are not in it. Credentials made before there were roles, and the master\'s own, may do everything.',
    '',
    'This table is what a test found that tried every action with every role at a master.',
    '',
    row(['action', ...roles]),
    row(['---', ...roles.map(() => '---')]),
    ...ACTION_NAMES.map((action) => row([`\`${action}\``, ...roles.map((role) => (may(action, role) ? '✓' : ''))])),
    '',
  ].join('\n');
}

/** Lists over all grids are open to all: what is in them is looked at one by one. */
const EACH: readonly string[] = ['grid.list', 'grid.watch'];

test('Every role may what its table says, and nothing else', async () => {
  const found = await tried();
  expect([...found.keys()].sort()).toEqual(ACTION_NAMES);
  const wrong = ACTION_NAMES.flatMap((action) => Object.entries(ROLES).flatMap(([role, spec]) => {
    const isOpen = found.get(action)?.has(role) === true;
    return isOpen === (mayDo([spec], action) || EACH.includes(action)) ? [] : [`${role} ${isOpen ? 'may' : 'may not'} ${action}`];
  }));
  expect(wrong).toEqual([]);

  const text = document((action, role) => found.get(action)?.has(role) === true);
  if (process.env['ROLES_MD'] === 'write') writeFileSync(DOCUMENT, text);
  expect(readFileSync(DOCUMENT, 'utf8')).toBe(text);
});
