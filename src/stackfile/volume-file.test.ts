import { describe, expect, test } from '@jest/globals';
import { readVolumes } from './volume-file.js';

const read = (text: string) => readVolumes({ name: 'v.yml', text });
const said = (text: string): readonly string[] => (read(text)?.mistakes ?? []).map(({ line, column, path, message, hint }) => `${String(line)}:${String(column)} ${path}: ${message}${hint === undefined ? '' : ` (${hint})`}`);

describe('a file of volumes', () => {
  test('holds one in each document, and nothing is lost between them', () => {
    const text = '# volumes\n---\nkind: Volume\nname: data\nscope: instance\n---\n# nothing\n---\nkind: "Volume"\nname: up\nscope: grid\ndriver: sshfs\ndriver_opts: {port: 22, o: "a,b", allow: true}\n';
    expect(read(text)).toEqual({
      volumes: [{ name: 'data', scope: 'instance', driver: 'local', driverOpts: {} }, { name: 'up', scope: 'grid', driver: 'sshfs', driverOpts: { port: '22', o: 'a,b', allow: 'true' } }],
      mistakes: [],
    });
  });

  test.each(['stack: todo\nservices: {web: {image: a}}\n', '', 'stack: a\nmeta:\n  kind: Volume\n'])('%j is none', (text) => expect(read(text)).toBeUndefined());

  test.each<[string, readonly string[]]>([
    ['kind: Volume\nname: data\n', ['1:1 scope: scope is missing']],
    ['kind: Volume\nname: a/b\nscope: node\n', ['2:7 name: must be letters, digits, - and _, begin with a letter or digit, and have at most 63 of them, and is the text "a/b"', '3:8 scope: must be one of instance, stack, grid, and is the text "node"']],
    ['kind: Volume\nname: a\nscope: grid\nsize: 10\n', ['4:1 size: "size" is not a key of a volume (known are kind, name, scope, driver, driver_opts)']],
    ['kind: Volume\nname: a\nscope: grid\ndriver: sshfs:latest\n', ['4:9 driver: must be the name of a driver, without a version, and is the text "sshfs:latest"']],
    ['kind: Volume\nname: a\nscope: grid\n---\nkind: Volume\nname: a\nscope: grid\n', ['6:7 name: volume "a" is declared twice (leave one of them out)']],
    ['kind: Volume\nname: a\nscope: grid\n---\nstack: todo\n', ['5:1 stack: "stack" is not a key of a volume (known are kind, name, scope, driver, driver_opts)', '5:1 kind: kind is missing', '5:1 name: name is missing', '5:1 scope: scope is missing']],
    ['kind: Volume\n---\n- a\n', ['1:1 name: name is missing', '1:1 scope: scope is missing', '3:1 : must be a mapping, with kind:, name: and scope:']],
  ])('%j is refused with its places', (text, mistakes) => expect([...said(text)].sort()).toEqual([...mistakes].sort()));
});
