import { NamesKeeper } from '../../src/agent/names/index.js';
import { systemClock } from '../../src/clock.js';
import type { Endpoint } from '../../src/model/index.js';
import { dnsServers } from '../../src/name-server/index.js';
import type { Log } from '../../src/ports/index.js';
import { systemRandom } from '../../src/random.js';
import { INSTANCES, NAME_SERVER, SERVICES } from './names.js';

/** A node's server of names in a process of its own, with as many endpoints as a grid of a thousand nodes has. Says when it serves. */
const heard: Log = { info: () => void process.stdout.write('serves\n'), warn: () => undefined, error: () => undefined };
const keeper = new NamesKeeper({
  makeServer: dnsServers({ clock: systemClock, log: heard, port: NAME_SERVER.port }), random: systemRandom, grid: 'default',
  onProblem: (problem) => {
    if (problem !== undefined) process.stderr.write(`${problem.reason}\n`);
  },
});
const row = (service: number, slot: number): Endpoint => ({
  instance: `bench/s${service}.${slot}@1`, address: `10.81.${service % 256}.${slot + 1}`, node: 'n1', isExposed: false, serves: true,
});
keeper.whole(Array.from({ length: SERVICES * INSTANCES }, (_, at) => row(Math.floor(at / INSTANCES) + 1, (at % INSTANCES) + 1)));
keeper.serveAt({ address: NAME_SERVER.address, subnet: '127.0.0.0/8' });
