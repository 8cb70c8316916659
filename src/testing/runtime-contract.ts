import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { KontenaError, parseInstance, type ServiceSpec } from '../model/index.js';
import type { Container, CreateContainer, LogEntry, Runtime } from '../ports/index.js';

/** An engine with one image on it, which has a shell and stays up until it is told to stop. */
export interface ContractSubject {
  readonly runtime: Runtime;
  /** Another node's runtime on the same engine. */
  readonly stranger: Runtime;
  readonly image: string;
  /** A name of an image that is nowhere. */
  readonly missingImage: string;
  /** TCP ports of the node that are free. */
  readonly freePort: number;
}

const MINIMAL: Omit<ServiceSpec, 'image'> = {
  instances: 1, stateful: false, env: [], labels: {}, ports: [], links: [], network: 'bridge', extraHosts: [], dns: [],
  volumes: [], volumesFrom: [], tmpfs: [], affinity: [],
  deploy: { strategy: 'ha', minHealth: 0.8, order: 'stop-first', onFailure: 'pause', settleSeconds: 0 },
  hooks: { preStart: [], postStart: [], preStop: [] }, secrets: [], certificates: [],
  privileged: false, readOnly: false, capAdd: [], capDrop: [], securityOpt: [], groupAdd: [], devices: [], sysctls: {}, ulimits: [], stopGraceSeconds: 10,
};

/** A service that says nothing but its image. */
export const minimalService = (image: string, over: Partial<ServiceSpec> = {}): ServiceSpec => ({ ...MINIMAL, image, ...over });

const shell = (text: string): Pick<ServiceSpec, 'command'> => ({ command: ['/bin/sh', '-c', text] });

/** What any Runtime promises. Run against the fake among the unit tests and against Docker in e2e, so that the fake cannot lie. */
export function runtimeContract(title: string, open: () => ContractSubject | Promise<ContractSubject>): void {
  describe(`${title} keeps the Runtime contract`, () => {
    const name = 'contract/web.1@5';
    let subject: ContractSubject;
    let runtime: Runtime;

    const request = (instance: string, over: Partial<ServiceSpec> = {}): CreateContainer => {
      const service = `${parseInstance(instance)?.service ?? ''}@4`;
      return { instance, service, grid: 'g', node: 'n1', secrets: {}, spec: minimalService(subject.image, over) };
    };
    const run = async (instance: string, over: Partial<ServiceSpec> = {}): Promise<void> => {
      await runtime.create(request(instance, over));
      await runtime.start(instance);
    };
    const until = async (instance: string, isSo: (container: Container | undefined) => boolean): Promise<Container | undefined> => {
      for (let tries = 0; tries < 200; tries += 1) {
        const container = await runtime.inspect(instance);
        if (isSo(container)) return container;
        await new Promise((resolve) => setTimeout(resolve, 25));
      }
      throw new Error(`${instance} did not come to what was expected`);
    };
    const cleanUp = async (): Promise<void> => {
      for (const { instance } of await runtime.list()) await runtime.remove(instance);
      for (const { instance } of await subject.stranger.list()) await subject.stranger.remove(instance);
    };
    const linesOf = async (entries: AsyncIterable<readonly LogEntry[]>): Promise<string[]> => {
      const found: string[] = [];
      for await (const some of entries) found.push(...some.map(textOf));
      return found;
    };
    const codeOf = (act: Promise<unknown>): Promise<string | undefined> =>
      act.then(() => undefined, (error: unknown) => (error instanceof KontenaError ? error.code : String(error)));
    const quiet = new AbortController().signal;

    beforeEach(async () => {
      subject = await open();
      runtime = subject.runtime;
      await cleanUp();
    });
    afterEach(cleanUp);

    test('a volume is made once, and is not mistaken for one of another driver', async () => {
      const volume = { name: 'contract.web.data-1', driver: 'local', driverOpts: {}, volume: 'data', slot: 'contract/web.1' };
      const mounting = (instance: string, driver: string): CreateContainer => {
        const mount = { type: 'volume', source: 'data', path: '/data', flags: [] } as const;
        return { ...request(instance, { volumes: [mount] }), volumes: { '/data': { ...volume, driver } } };
      };
      await runtime.create(mounting(name, 'local'));
      await runtime.create(mounting('contract/web.1@6', 'local'));
      expect(await codeOf(runtime.create(mounting('contract/web.1@7', 'sshfs')))).toBe('KON_VOLUME_TAKEN');
    });

    test('the engine says what it is', async () => {
      const info = await runtime.info();
      expect(info.cpus).toBeGreaterThan(0);
      expect(info.memoryBytes).toBeGreaterThan(0);
      expect(info.volumeDrivers).toContain('local');
      expect(info.apiVersion).toMatch(/^1\.\d+$/);
    });

    test('a container is created, started, stopped and removed', async () => {
      const states: (string | undefined)[] = [];
      for (const act of [() => runtime.create(request(name)), () => runtime.start(name), () => runtime.stop(name), () => runtime.remove(name)]) {
        await act();
        states.push((await runtime.inspect(name))?.state);
      }
      expect(states).toEqual(['created', 'running', 'exited', undefined]);
    });

    test('a container knows its instance, its service, its address and since when it runs', async () => {
      await run(name);
      const container = await runtime.inspect(name);
      expect(container).toMatchObject({ instance: name, service: 'contract/web@4', state: 'running', error: '', wasOutOfMemory: false });
      expect(container?.address).toMatch(/^\d+\.\d+\.\d+\.\d+$/);
      expect(container?.startedAtMs).toBeGreaterThan(0);
      expect(container?.finishedAtMs).toBeUndefined();
      expect(await runtime.list()).toEqual([container]);
    });

    test('asking for what is so already succeeds and changes nothing', async () => {
      await runtime.remove(name);
      await runtime.stop(name);
      await runtime.create(request(name));
      const created = await runtime.inspect(name);
      await runtime.create(request(name));
      expect(await runtime.inspect(name)).toEqual(created);
      await runtime.start(name);
      const started = await runtime.inspect(name);
      await runtime.start(name);
      expect(await runtime.inspect(name)).toEqual(started);
      await runtime.stop(name);
      const ended = await runtime.inspect(name);
      await runtime.stop(name);
      expect(await runtime.inspect(name)).toEqual(ended);
      await runtime.remove(name);
      await runtime.remove(name);
      expect(await runtime.list()).toEqual([]);
    });

    test('what was never created cannot be started, and the refusal says so', async () => {
      await expect(runtime.start(name)).rejects.toMatchObject({ code: 'KON_CONTAINER_MISSING', retry: true });
      expect(await runtime.inspect(name)).toBeUndefined();
    });

    test('a container that ends keeps its exit code and its words, and starts again as the same container', async () => {
      await run(name, shell('echo first; echo last; exit 3'));
      const ended = await until(name, (container) => container?.state === 'exited');
      expect(ended).toMatchObject({ exitCode: 3 });
      expect(ended?.finishedAtMs).toBeGreaterThan(0);
      expect(await linesOf(runtime.entries(name, undefined, quiet))).toEqual(['first', 'last']);
      expect(await runtime.lastLines(name, 1, quiet)).toEqual(['last']);
      await runtime.start(name);
      const again = await until(name, (container) => container?.state === 'exited');
      expect(again?.id).toBe(ended?.id);
    });

    test('a log begins at the moment it is asked from', async () => {
      await run(name, shell('echo word; exit 0'));
      await until(name, (container) => container?.state === 'exited');
      await new Promise((resolve) => setTimeout(resolve, 100));
      await runtime.start(name);
      await until(name, (container) => container?.state === 'exited');
      const written = async (since?: string): Promise<string[]> => {
        const found: string[] = [];
        for await (const some of runtime.entries(name, since, quiet)) found.push(...some.map(({ at }) => at));
        return found;
      };
      const [before = '', after = ''] = await written();
      const between = new Date((Date.parse(before) + Date.parse(after)) / 2).toISOString();
      expect(await written(between)).toEqual([after]);
      expect(await written('1970-01-01T00:00:00.000Z')).toEqual([before, after]);
      expect(await written('2100-01-01T00:00:00.000Z')).toEqual([]);
    });

    test('stopping waits the grace of a container that does not listen, then kills it', async () => {
      await run(name, { ...shell("trap '' TERM; echo deaf; while :; do busybox sleep 1; done"), stopGraceSeconds: 1 });
      await linesUntil(runtime.entries(name, undefined, quiet), 'deaf');
      await runtime.stop(name);
      expect(await runtime.inspect(name)).toMatchObject({ state: 'exited', exitCode: 137 });
    });

    test('a running container is removed too', async () => {
      await run(name);
      await runtime.remove(name);
      expect(await runtime.inspect(name)).toBeUndefined();
    });

    test('an image that is here is known to be here; one that is not cannot be created from', async () => {
      expect(await runtime.hasImage(subject.image)).toBe(true);
      expect(await runtime.hasImage(subject.missingImage)).toBe(false);
      expect(await codeOf(runtime.create({ ...request(name), spec: minimalService(subject.missingImage) }))).toBe('KON_IMAGE_UNAVAILABLE');
      expect(await runtime.list()).toEqual([]);
    });

    test('an image that is nowhere cannot be pulled, and the refusal names it', async () => {
      await expect(runtime.pull(subject.missingImage, () => undefined, quiet)).rejects.toMatchObject({ code: 'KON_IMAGE_UNAVAILABLE' });
      await expect(runtime.pull(subject.missingImage, () => undefined, quiet)).rejects.toThrow(subject.missingImage);
    });

    test('a port that is taken is named', async () => {
      const ports = [{ ip: '0.0.0.0', nodePort: subject.freePort, containerPort: 80, protocol: 'tcp' }] as const;
      await run(name, { ports });
      const other = 'contract/other.1@6';
      await runtime.create(request(other, { ports }));
      await expect(runtime.start(other)).rejects.toMatchObject({ code: 'KON_PORT_TAKEN' });
      await expect(runtime.start(other)).rejects.toThrow(String(subject.freePort));
      await runtime.remove(name);
      await runtime.start(other);
      expect(await runtime.inspect(other)).toMatchObject({ state: 'running' });
    });

    test('what belongs to another node is not seen and not touched', async () => {
      const strange = 'contract/strange.1@7';
      await subject.stranger.create({ ...request(strange), node: 'n2' });
      await subject.stranger.start(strange);
      expect(await runtime.list()).toEqual([]);
      expect(await runtime.inspect(strange)).toBeUndefined();
      await runtime.stop(strange);
      await runtime.remove(strange);
      expect(await codeOf(runtime.start(strange))).toBe('KON_CONTAINER_MISSING');
      expect(await subject.stranger.inspect(strange)).toMatchObject({ state: 'running' });
      expect(await codeOf(runtime.create(request(strange)))).toBe('KON_ENGINE_REFUSED');
    });

    test('a log that is followed brings what is written, and ends with the container or on request', async () => {
      await run(name, shell('echo one; busybox sleep 1; echo two; exit 0'));
      expect(await linesOf(runtime.entries(name, undefined, quiet))).toEqual(['one', 'two']);
      await run('contract/web.2@5', shell('echo here; busybox sleep 60; exit 0'));
      const leave = new AbortController();
      for await (const entries of runtime.entries('contract/web.2@5', undefined, leave.signal)) {
        expect(entries.map((entry) => ({ ...entry, at: entry.at.length, text: textOf(entry) }))).toEqual([{ stream: 'stdout', at: 30, text: 'here', isEnd: true }]);
        leave.abort();
      }
    });

    test('what happens to a container is told, of ours alone', async () => {
      const stop = new AbortController();
      const told: string[] = [];
      const listening = (async () => {
        for await (const instance of runtime.events(stop.signal)) told.push(instance);
      })();
      await new Promise((resolve) => setTimeout(resolve, 100)); // until the engine hears that we listen
      await subject.stranger.create({ ...request('contract/strange.1@7'), node: 'n2' });
      await subject.stranger.start('contract/strange.1@7');
      await run(name, shell('exit 0'));
      await until(name, (container) => container?.state === 'exited');
      await runtime.remove(name);
      await new Promise((resolve) => setTimeout(resolve, 100));
      stop.abort();
      await listening;
      expect(new Set(told)).toEqual(new Set([name]));
      expect(told.length).toBeGreaterThanOrEqual(3);
    });

    test('a command runs inside a container, and apart from it', async () => {
      await run(name);
      expect(await runtime.exec(name, ['/bin/sh', '-c', 'echo inside; exit 4'], quiet)).toEqual({ exitCode: 4, output: ['inside'] });
      expect(await runtime.runOnce(request(name), ['/bin/sh', '-c', 'echo apart; exit 5'], quiet)).toEqual({ exitCode: 5, output: ['apart'] });
      expect((await runtime.list()).map(({ instance }) => instance)).toEqual([name]);
    });
  });
}

const textOf = ({ text }: LogEntry): string => Buffer.from(text).toString();

async function linesUntil(entries: AsyncIterable<readonly LogEntry[]>, wanted: string): Promise<void> {
  for await (const some of entries) if (some.some((entry) => textOf(entry) === wanted)) return;
}
