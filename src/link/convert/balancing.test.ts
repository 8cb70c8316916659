import { expect, test } from '@jest/globals';
import { type Assignments, DEFAULT_BALANCER, DEFAULT_ROUTE, NO_NETWORK } from '../../model/index.js';
import * as wire from '../gen/kontena/v1/node.js';
import { REASON_CHARACTERS } from '../limits.js';
import type { BalancersSaid } from '../session/messages.js';
import { fromMasterFrom, fromMasterTo, fromNodeFrom, fromNodeTo } from './node.js';

const said = (balancers: BalancersSaid): unknown => fromNodeFrom(wire.FromNode.decode(wire.FromNode.encode(fromNodeTo({ type: 'balancing', balancers })).finish()));

test('what balancers serve arrives as it was said', () => {
  const balancers: BalancersSaid = {
    'infra/lb.1@57': {
      reloads: 3,
      reason: 'certificate example.com cannot be read',
      routes: {
        'infra/lb:todo/web': { servers: { 'todo/web.1@9': { isUp: true, isDrained: false }, 'todo/web.2@9': { isUp: false, isDrained: true, reason: 'connection refused' } }, requestsPerSecond: 12.5, errorsPerSecond: 0.5, tookMs: 31 },
        'infra/lb:shop/web': { servers: {}, requestsPerSecond: 0, errorsPerSecond: 0, refused: "unknown keyword 'blance'" },
      },
    },
    'infra/lb.2@57': { reloads: 0, routes: {} },
  };
  expect(said(balancers)).toEqual({ type: 'balancing', balancers });
});

test('a reason without end is cut', () => {
  expect(said({ 'infra/lb.1@57': { reloads: 0, routes: {}, reason: 'x'.repeat(9_999) } })).toMatchObject({ balancers: { 'infra/lb.1@57': { reason: 'x'.repeat(REASON_CHARACTERS) } } });
});

test('what they are to serve arrives as it was told, and of an older master nothing', () => {
  const assignments: Assignments = {
    cluster: 'c', epoch: 1, revision: 2, grid: 'g', containers: { services: {}, instances: [{ name: 'todo/web.1@9', service: 'todo/web@4', wanted: 'stopped', drainSeconds: 2.5 }], secrets: {}, volumes: {} }, ...NO_NETWORK,
    balancers: {
      balancers: { 'infra/lb': { spec: { ...DEFAULT_BALANCER, certificates: [{ kind: 'Certificate', name: 'example.com', version: 3 }] }, instances: ['infra/lb.1@57'], routes: { 'infra/lb:todo/web': { service: 'todo/web', spec: { ...DEFAULT_ROUTE, weight: 0 } } } } },
      secrets: { 'Certificate/example.com@3': 'pem' },
      challenges: { token: 'answer' },
    },
  };
  const told = fromMasterTo({ type: 'assignments', assignments });
  expect(fromMasterFrom(wire.FromMaster.decode(Buffer.from(wire.FromMaster.encode(told).finish())))).toEqual({ type: 'assignments', assignments });
  if (told.message?.$case === 'assignments') told.message.value.balancers = undefined;
  expect(fromMasterFrom(told)).toMatchObject({ assignments: { balancers: NO_NETWORK.balancers } });
});
