import { describe, expect, test } from '@jest/globals';
import type { Instant, StackSpec } from '../model/index.js';
import { stackSpec } from '../testing/opened-api.js';
import { type Declared, type KnownStack, plan, type Situation, type SourceFile, type Step } from './plan.js';

const todo = stackSpec('todo');
const declared = (stack: StackSpec, path: string): Declared => ({ stack, file: path, secrets: {} });
const file = (name: string, over: Partial<SourceFile> = {}): SourceFile => ({ path: `/d/${name}`, stacks: [declared(todo, `/d/${name}`)], state: 'saved', ...over });
const family = (over: Partial<SourceFile> = {}): SourceFile => file('a.yml', { stacks: [declared(stackSpec('todo-db'), '/d/deps/db.yml'), declared(todo, '/d/a.yml')], ...over });
const volumes = (name: string, state: SourceFile['state'] = 'saved'): SourceFile => ({ path: `/d/${name}`, volumes: [{ name: 'data', scope: 'instance', driver: 'local', driverOpts: {} }], stacks: [], state });
const broken = (name: string): SourceFile => ({ path: `/d/${name}`, error: 'line 3: no', state: 'saved' });
const known = (name: string, origin: string | undefined, spec: object = stackSpec(name)): KnownStack => ({ name, origin, spec: { ...spec } });
const given = (over: Partial<Situation>): Situation => ({ directory: '/d', files: [], stacks: [], missing: new Map(), allowEmpty: false, now: 10_000 as Instant, ...over });

const line = (step: Step): string => {
  switch (step.do) {
    case 'declare':
      return `declare ${step.volumes.map(({ name }) => name).join(', ')} from ${step.file}`;
    case 'apply':
      return `apply ${step.stacks.map(({ stack }) => stack.name).join(', ')} from ${step.file}`;
    case 'keep':
      return `keep ${step.name} from ${step.file}`;
    case 'remove':
      return `remove ${step.name} of ${step.file}`;
    case 'complain':
      return `complain ${step.file}: ${step.error}`;
  }
};
const since = (name: string, ms: number): Situation['missing'] => new Map([[name, ms as Instant]]);

describe('what a directory comes to', () => {
  const other = stackSpec('todo', { web: { image: 'web:2' } });
  const cases: readonly { readonly title: string; readonly given: Situation; readonly steps: readonly string[]; readonly wakeAt?: number }[] = [
    { title: 'a saved file is applied', given: given({ files: [file('a.yml')] }), steps: ['apply todo from /d/a.yml'] },
    { title: 'even when it says what is so: a number may have been set by hand', given: given({ files: [file('a.yml')], stacks: [known('todo', '/d/a.yml')] }), steps: ['apply todo from /d/a.yml'] },
    { title: 'a file found at the start that says what is so is kept', given: given({ files: [file('a.yml', { state: 'found' })], stacks: [known('todo', '/d/a.yml')] }), steps: ['keep todo from /d/a.yml'] },
    { title: 'one that was changed while nobody watched is applied', given: given({ files: [file('a.yml', { state: 'found' })], stacks: [known('todo', '/d/a.yml', other)] }), steps: ['apply todo from /d/a.yml'] },
    { title: 'a stack that a person applied is taken over', given: given({ files: [file('a.yml', { state: 'found' })], stacks: [known('todo', undefined)] }), steps: ['apply todo from /d/a.yml'] },
    { title: 'an applied one rests', given: given({ files: [file('a.yml', { state: 'applied' })], stacks: [known('todo', '/d/a.yml', other)] }), steps: [] },
    { title: 'a broken file changes nothing and is reported', given: given({ files: [broken('a.yml')], stacks: [known('todo', '/d/a.yml')], missing: since('todo', 0) }), steps: ['complain /d/a.yml: line 3: no'] },
    { title: 'of two that declare one stack the first speaks', given: given({ files: [file('a.yml'), file('b.yml')] }), steps: ['apply todo from /d/a.yml', 'complain /d/b.yml: stack todo is declared by /d/a.yml already: this file changes nothing'] },
    { title: 'unless the stack came from the second', given: given({ files: [file('a.yml'), file('b.yml', { state: 'applied' })], stacks: [known('todo', '/d/b.yml')] }), steps: ['complain /d/a.yml: stack todo is declared by /d/b.yml already: this file changes nothing'] },
    { title: 'volumes are declared before any stack, and once', given: given({ files: [file('a.yml'), volumes('v.yml'), volumes('w.yml', 'applied')] }), steps: ['declare data from /d/v.yml', 'apply todo from /d/a.yml'] },
    { title: 'a directory with nothing but volumes is empty', given: given({ files: [volumes('v.yml', 'applied')], stacks: [known('todo', '/d/a.yml')], missing: since('todo', 0) }), steps: ['complain /d/a.yml: /d has been emptied: the stack stays until that is confirmed with --allow-empty, or it is deleted by name'] },
    { title: 'a renamed file takes its stack along', given: given({ files: [file('b.yml')], stacks: [known('todo', '/d/a.yml')] }), steps: ['apply todo from /d/b.yml'] },
    { title: 'what a file depends on is applied before it', given: given({ files: [family()] }), steps: ['apply todo-db, todo from /d/a.yml'] },
    { title: 'of a file found at the start, only what is not so', given: given({ files: [family({ state: 'found' })], stacks: [known('todo', '/d/a.yml')] }), steps: ['apply todo-db from /d/a.yml'] },
    { title: 'and nothing when all is so', given: given({ files: [family({ state: 'found' })], stacks: [known('todo', '/d/a.yml'), known('todo-db', '/d/a.yml')] }), steps: ['keep todo from /d/a.yml'] },
    { title: 'a file changes nothing when what it depends on is declared by another', given: given({ files: [family(), file('b.yml', { stacks: [declared(stackSpec('todo-db'), '/d/b.yml')] })], stacks: [known('todo-db', '/d/b.yml')] }), steps: ['complain /d/a.yml: stack todo-db is declared by /d/b.yml already: this file changes nothing', 'apply todo-db from /d/b.yml'] },
    { title: 'what a file no longer depends on is removed in time', given: given({ files: [file('a.yml', { state: 'applied' })], stacks: [known('todo', '/d/a.yml'), known('todo-db', '/d/a.yml')], missing: since('todo-db', 0) }), steps: ['remove todo-db of /d/a.yml'] },
    { title: 'a file that is gone takes along what it depended on', given: given({ files: [file('b.yml', { stacks: [], state: 'applied' })], stacks: [known('todo', '/d/a.yml'), known('todo-db', '/d/a.yml')], missing: new Map([['todo', 0 as Instant], ['todo-db', 0 as Instant]]) }), steps: ['remove todo of /d/a.yml', 'remove todo-db of /d/a.yml'] },
    { title: 'a broken file keeps what it depended on too', given: given({ files: [broken('a.yml')], stacks: [known('todo', '/d/a.yml'), known('todo-db', '/d/a.yml')], missing: since('todo-db', 0) }), steps: ['complain /d/a.yml: line 3: no'] },
    { title: 'a file just gone is waited for', given: given({ files: [file('b.yml', { state: 'applied' })], stacks: [known('old', '/d/a.yml'), known('todo', '/d/b.yml')] }), steps: [], wakeAt: 15_000 },
    { title: 'gone for long, its stack is removed', given: given({ files: [file('b.yml', { state: 'applied' })], stacks: [known('old', '/d/a.yml')], missing: since('old', 5000) }), steps: ['remove old of /d/a.yml'] },
    { title: 'but not before', given: given({ files: [file('b.yml', { state: 'applied' })], stacks: [known('old', '/d/a.yml')], missing: since('old', 5001) }), steps: [], wakeAt: 10_001 },
    { title: 'a stack that its file calls otherwise now is removed in time', given: given({ files: [file('a.yml', { state: 'applied' })], stacks: [known('before', '/d/a.yml')], missing: since('before', 0) }), steps: ['remove before of /d/a.yml'] },
    { title: 'stacks of people and of other directories are nobody\'s business here', given: given({ files: [file('b.yml', { state: 'applied' })], stacks: [known('a', undefined), known('b', '/e/b.yml'), known('c', '/d/sub/c.yml'), known('d', '/d2/a.yml')] }), steps: [] },
    { title: 'emptied at one stroke removes nothing', given: given({ stacks: [known('todo', '/d/a.yml')], missing: since('todo', 0) }), steps: ['complain /d/a.yml: /d has been emptied: the stack stays until that is confirmed with --allow-empty, or it is deleted by name'] },
    { title: 'unless that is meant', given: given({ stacks: [known('todo', '/d/a.yml')], missing: since('todo', 0), allowEmpty: true }), steps: ['remove todo of /d/a.yml'] },
    { title: 'a directory that is not there removes nothing, whatever is meant', given: given({ files: undefined, stacks: [known('todo', '/d/a.yml')], missing: since('todo', 0), allowEmpty: true }), steps: ['complain /d/a.yml: its directory /d cannot be read: the stack stays'] },
  ];
  test.each(cases)('$title', ({ given: situation, steps, wakeAt }) => {
    const planned = plan(situation);
    expect(planned.steps.map(line)).toEqual(steps);
    expect(planned.wakeAt).toBe(wakeAt);
  });

  test('time begins anew when an emptied directory fills again', () => {
    const stacks = [known('todo', '/d/a.yml'), known('other', '/d/b.yml')];
    const emptied = plan(given({ stacks, missing: new Map([['todo', 0 as Instant], ['other', 0 as Instant]]) }));
    const filling = plan(given({ files: [file('a.yml')], stacks, missing: emptied.missing }));
    expect(filling.steps.map(line)).toEqual(['apply todo from /d/a.yml']);
    expect(filling.wakeAt).toBe(15_000);
  });
});
