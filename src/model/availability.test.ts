import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { availabilityOf, isFailing, maxUnavailable, type Witness } from './availability.js';
import type { HealthCheckSpec, ServiceSpec } from './service.js';

describe('how many may be unavailable', () => {
  test.each([
    [1, 0.8, 1], [4, 0.8, 1], [5, 0.8, 1], [10, 0.8, 2], [11, 0.8, 2], [15, 0.8, 3], [20, 0.8, 4], [100, 0.8, 20],
    [10, 0.7, 3], [10, 0.9, 1], [3, 0, 3], [3, 1, 1], [0, 0.8, 1], [7, 1 / 3, 4], [100, 0.07, 93],
  ])('of %d with %d to stay: %d', (instances, minHealth, expected) => {
    expect(maxUnavailable(instances, minHealth)).toBe(expected);
  });

  test('the rest is never less than the share, and one fewer would be more than needed', () => {
    fc.assert(fc.property(fc.integer({ min: 1, max: 100_000 }), fc.integer({ min: 0, max: 100 }), (instances, percent) => {
      const stay = instances - maxUnavailable(instances, percent / 100);
      return stay === instances - 1 || (stay * 100 >= instances * percent && (stay - 1) * 100 < instances * percent);
    }));
  });
});

describe('whether an instance serves', () => {
  const asked: HealthCheckSpec = { protocol: 'tcp', port: 80, timeoutSeconds: 1, intervalSeconds: 1, initialDelaySeconds: 1, retries: 1 };
  const serving = (over: Partial<NonNullable<Witness['report']>>, healthCheck?: HealthCheckSpec): string => availabilityOf({
    instance: { service: 'todo/web', slot: 1, revision: 1, node: 'n1', wanted: 'running', reserves: { cpus: 0, memoryBytes: 0, ports: [] } },
    report: { node: 'n1', phase: 'running', since: 0 as never, restarts: 0, ...over },
    health: { phase: 'online', since: 0 as never, wasLost: false },
    spec: { ...(healthCheck === undefined ? {} : { healthCheck }) } as ServiceSpec,
  });

  test.each([
    ['nobody checks it', {}, undefined, 'available'],
    ['its image does, and nothing is known yet', { health: 'starting' }, undefined, 'unavailable'],
    ['its image does, and it is well', { health: 'healthy' }, { protocol: 'engine' }, 'available'],
    ['its image was to, and does not', {}, { protocol: 'engine' }, 'available'],
    ['its agent is to, and has not said', {}, asked, 'unavailable'],
    ['its agent does, and it is well', { health: 'healthy' }, asked, 'available'],
    ['it is ill, and runs', { health: 'unhealthy' }, asked, 'unavailable'],
    ['it is well, and stops', { health: 'healthy', phase: 'stopping' }, asked, 'unavailable'],
  ] as const)('%s', (_title, report, check, expected) => {
    expect(serving(report, check)).toBe(expected);
  });

  test('what is wrong with it: it failed, or it is ill', () => {
    expect([isFailing({ phase: 'failed' }), isFailing({ phase: 'running', health: 'unhealthy' }), isFailing({ phase: 'running', health: 'starting' }), isFailing({ phase: 'starting' })]).toEqual([true, true, false, false]);
  });
});
