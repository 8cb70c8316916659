import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { Node } from '../testing/agent-node.js';
import { minimalService } from '../testing/runtime-contract.js';

const A = 'todo/web.1@5';
const HOUR_MS = 3_600_000;
let node: Node;

beforeEach(() => {
  node = new Node();
});
afterEach(() => node.agent.stop());

/** What the engine says goes by the machine's clock; the agent does not. */
describe.each([['forward', HOUR_MS], ['back', -HOUR_MS]])('with the clock of the machine set %s', (_title, byMs) => {
  test('a container is checked when it is time', async () => {
    const healthCheck = { protocol: 'http', port: 80, uri: '/', timeoutSeconds: 5, intervalSeconds: 20, initialDelaySeconds: 10, retries: 1 } as const;
    node.spec = minimalService('web:1', { healthCheck, deploy: { ...node.spec.deploy, waitForPort: 80 } });
    node.runtime.answer = () => 'not yet';
    await node.start();
    node.clock.set(byMs);
    await node.assign([A]);
    await node.pass(9_000);
    expect(node.report(A)?.report).toMatchObject({ phase: 'starting', reason: 'not yet' });
    node.runtime.answer = () => undefined;
    await node.pass(2_000);
    expect(node.report(A)?.report).toMatchObject({ phase: 'running', health: 'healthy', restarts: 0 });
  });

  test('an end after a moment is told from one after a while', async () => {
    await node.start();
    await node.assign([A]);
    node.clock.set(byMs);
    node.runtime.exit(A, 1);
    await node.pass(1_000);
    node.runtime.exit(A, 1);
    await node.pass(500);
    expect(node.report(A)?.report.phase).toBe('failed');
    await node.pass(11_000);
    node.clock.set(-byMs);
    node.runtime.exit(A, 1);
    await node.pass(0);
    expect(node.report(A)?.report).toMatchObject({ phase: 'running', restarts: 3 });
  });
});
