import { expect, test } from '@jest/globals';
import type { ServiceSpec } from '../model/index.js';
import { stackSpec } from '../testing/opened-api.js';
import { stackDifferences } from './differences.js';

const fields = (from: object, to: object) =>
  stackDifferences('todo', { spec: stackSpec('todo', { web: from }), scaled: {} }, { spec: stackSpec('todo', { web: to }), scaled: {} }).map((one) => one.fields.map(({ path, from: was, to: is }) => `${path}: ${String(was)} → ${String(is)}`));

const secrets = (version: number): Pick<ServiceSpec, 'secrets'> => ({ secrets: [{ secret: 'pw', name: 'PW', type: 'env', version }] });

test.each<[string, object, object, readonly string[]]>([
  ['keys of the file', { stopGraceSeconds: 10, network: 'bridge' }, { stopGraceSeconds: 30, network: 'host' }, ['network_mode: bridge → host', 'stop_grace_period: 10s → 30s']],
  ['ports as they are written', { ports: [{ ip: '0.0.0.0', nodePort: 80, containerPort: 8080, protocol: 'tcp' }] }, { ports: [] }, ['ports[0]: 80:8080 → undefined']],
  ['a command as a line', { command: ['bin/web', '--all'] }, { command: ['bin/web'] }, ['command: bin/web --all → bin/web']],
  ['a version, of which the file says nothing, as it stands in the record', secrets(1), secrets(2), ['secrets[0].version: 1 → 2']],
])('what differs is told in the words of the stack file: %s', (_title, from, to, told) => expect(fields(from, to)).toEqual([told]));

test('what is written otherwise and means the same does not differ', () => expect(fields({ cpus: 0.5 }, { cpus: 0.5 })).toEqual([]));
