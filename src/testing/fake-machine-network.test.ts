import { FakeMachineNetwork } from './fake-machine-network.js';
import { machineNetworkContract } from './machine-network-contract.js';

machineNetworkContract('the fake', () => {
  const machine = new FakeMachineNetwork();
  machine.links = [...machine.links, { name: 'kt-other', addresses: [], mtuBytes: 1500, isUp: true }];
  return { machine, names: { bridge: 'kb-1', tunnel: 'kw-1', table: 'kontena-1', routingTable: 81_000_001 }, foreign: 'kt-other' };
});
