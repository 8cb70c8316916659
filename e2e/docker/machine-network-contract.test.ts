import { afterAll, beforeAll } from '@jest/globals';
import { linuxNetwork } from '../../src/machine-network/index.js';
import { type MachineSubject, machineNetworkContract } from '../../src/testing/machine-network-contract.js';
import { type Bed, openBed } from './harness/index.js';

let bed: Bed;
let subject: MachineSubject;

beforeAll(async () => {
  bed = await openBed(1);
  const engine = bed.engines[0]!;
  await engine.inside('ip', ['link', 'add', 'kt-other', 'type', 'bridge']);
  subject = { machine: linuxNetwork({ process: engine.pid }), names: { bridge: 'kb-contract', tunnel: `kw-${bed.id}`, table: 'kontena-contract', routingTable: 81_000_001 }, foreign: 'kt-other' };
}, 60_000);
afterAll(() => bed.close(), 60_000);

machineNetworkContract('Linux', () => subject);
