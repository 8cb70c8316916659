import { setTimeout as sleep } from 'node:timers/promises';
import Docker from 'dockerode';

/** Someone who runs instances of one service on an engine. Each step ends when it is true on the engine. */
export interface Contender {
  readonly name: string;
  /** From nothing to so many running instances. */
  deploy(instances: number, image: string): Promise<void>;
  /** All of them to another image. */
  update(instances: number, image: string): Promise<void>;
  /** Starts anew, by itself or with our help, what has just been killed. */
  replace(): Promise<void>;
  /** All of it away. */
  remove(): Promise<void>;
}

/** What the containers of one contender have in common: part of their names. */
export class Watcher {
  readonly docker: Docker;

  constructor(
    socket: string,
    private readonly part: string,
  ) {
    this.docker = new Docker({ socketPath: socket.replace('unix://', '') });
  }

  containers(all: boolean): Promise<Docker.ContainerInfo[]> {
    return this.docker.listContainers({ all, filters: { name: [this.part] } });
  }

  async untilRunning(count: number, image: string): Promise<void> {
    await this.until(async () => (await this.containers(false)).filter((each) => each.Image === image || each.ImageID === image).length >= count);
  }

  async untilNone(): Promise<void> {
    await this.until(async () => (await this.containers(true)).length === 0);
  }

  /** Kills one running container; what it ran then counts as replaced when as many run again as before. */
  async killOne(): Promise<{ readonly killed: string; readonly untilReplaced: () => Promise<void> }> {
    const before = await this.containers(false);
    const victim = before[0];
    if (victim === undefined) throw new Error('nothing runs that could be killed');
    const [state] = await Promise.all([this.docker.getContainer(victim.Id).inspect()]);
    await this.docker.getContainer(victim.Id).kill();
    const wasStarted = state.State.StartedAt;
    return {
      killed: victim.Id,
      untilReplaced: () => this.until(async () => {
        const now = await this.containers(false);
        if (now.length < before.length) return false;
        const same = now.find(({ Id }) => Id === victim.Id);
        return same === undefined || (await this.docker.getContainer(same.Id).inspect()).State.StartedAt !== wasStarted;
      }),
    };
  }

  async until(isSo: () => Promise<boolean>): Promise<void> {
    const end = Date.now() + 180_000;
    while (!(await isSo())) {
      if (Date.now() > end) throw new Error(`${this.part}: not within three minutes`);
      await sleep(20);
    }
  }
}

/** Does `work` for each item, so many at a time. */
export async function inParallel<T>(items: readonly T[], limit: number, work: (item: T) => Promise<unknown>): Promise<void> {
  const waiting = [...items];
  const worker = async (): Promise<void> => {
    for (let item = waiting.shift(); item !== undefined; item = waiting.shift()) await work(item);
  };
  await Promise.all(Array.from({ length: limit }, worker));
}
