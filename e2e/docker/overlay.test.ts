import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type Bed, openBed } from './harness/index.js';
import { exchange, introduce, Member, pings, type Running } from './overlay/member.js';

let bed: Bed;
let members: readonly [Member, Member];
let here: Running;
let beside: Running;
let there: Running;

beforeAll(async () => {
  bed = await openBed(2);
  const image = await bed.registry.push(bed.engines[0]!, 'stay:1', "trap 'exit 0' TERM\nwhile true; do busybox sleep 3600 & wait; done");
  members = [new Member(bed.engines[0]!, { lease: '10.81.1.0/24' }, bed.directory), new Member(bed.engines[1]!, { lease: '10.81.2.0/24' }, bed.directory)];
  await Promise.all(members.map((member) => member.start()));
  await introduce(members);
  [here, beside, there] = [await members[0].run(image, 'a/web.1@1'), await members[0].run(image, 'a/web.2@1'), await members[1].run(image, 'b/db.1@1')];
}, 120_000);
afterAll(async () => {
  await Promise.all(members.map(({ keeper }) => keeper.stop()));
  await bed.close();
}, 60_000);

describe('containers of one grid', () => {
  test('have the addresses that their nodes chose', () => {
    expect([here.address, beside.address, there.address]).toEqual(['10.81.1.2', '10.81.1.3', '10.81.2.2']);
  });

  test('reach each other on one node and over nodes', async () => {
    expect([await pings(here, beside.address), await pings(here, there.address, 3), await pings(there, here.address)]).toEqual([true, true, true]);
  });

  test.each([['tcp', 1_400], ['udp', 1_400], ['tcp', 65_536], ['udp', 65_000]] as const)('exchange by %s %d bytes', async (protocol, sizeBytes) => {
    await exchange(protocol, here, there, sizeBytes);
    await exchange(protocol, there, beside, sizeBytes);
  }, 30_000);

  test('are on a network without a problem', () => {
    expect(members.map(({ state }) => [state?.problems, state?.implementation, state?.addresses])).toEqual(members.map(({ engine }) => [[], expect.stringMatching(/^wireguard/), [engine.address]]));
  });
});
