import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect, type Connected, type Credential } from '../../src/link/client/index.js';
import type { GridRequest } from '../../src/ports/index.js';
import { environment, eventually, killAllWith, KONTENACTL, kontenactl, start } from '../docker/harness/index.js';
import { joinFakeAgents, type FakeAgent } from './fake-agents.js';
import { type ProcessUsage, usageOf } from './usage.js';

/** A master in a process of its own, with fake nodes joined to it from this one. */
export class LoneMaster {
  agents: readonly FakeAgent[] = [];

  private constructor(
    readonly directory: string,
    readonly control: Connected,
    private readonly pid: number,
    private readonly grid: string,
  ) {}

  /** @param grid that the nodes join; with `subnet` and `nodePrefix` it is made first */
  static async start(nodes: number, onAssign: (agent: FakeAgent) => void = () => undefined, grid: GridRequest = { name: 'default' }): Promise<LoneMaster> {
    const directory = mkdtempSync(join(tmpdir(), 'kontena-bench-'));
    const [data, home] = [join(directory, 'master'), join(directory, 'home')];
    mkdirSync(home);
    const { pid } = start(process.execPath, [KONTENACTL, 'master', 'start', '--data', data, '--listen', '127.0.0.1:0'], join(directory, 'master.log'), { env: environment(home) });
    const admin = join(data, 'admin.json');
    await eventually('the master writes its credential', () => (existsSync(admin) ? true : undefined));
    writeFileSync(join(home, 'config.yaml'), JSON.stringify({ current: 'bench', contexts: [{ name: 'bench', credential: admin }] }));
    const credential = JSON.parse(readFileSync(admin, 'utf8')) as Credential;
    const control = connect(credential, { timeoutMs: 10_000 });
    await eventually('the master answers', () => control.master.info());
    if (grid.subnet !== undefined) await control.grids.create(grid);
    const master = new LoneMaster(directory, control, pid, grid.name);
    const { token } = JSON.parse((await kontenactl(home, ['token', 'create', '--grid', grid.name, '--uses', String(nodes), '-o', 'json'])).stdout) as { token: string };
    master.agents = await joinFakeAgents({ count: nodes, directory: join(directory, 'agents'), token, master: credential.server, onAssign });
    await eventually('every node is online', async () => ((await master.#online()) === nodes ? true : undefined), 120_000, 500);
    return master;
  }

  get home(): string {
    return join(this.directory, 'home');
  }

  usage(overSeconds: number): Promise<ProcessUsage> {
    return usageOf(this.pid, overSeconds);
  }

  async stop(): Promise<void> {
    await Promise.all(this.agents.map((agent) => agent.close()));
    this.control.close();
    await killAllWith(this.directory);
    rmSync(this.directory, { recursive: true, force: true });
  }

  async #online(): Promise<number> {
    let count = 0;
    for await (const { status } of this.control.resources.list({ grid: this.grid, kind: 'node' })) if (status['phase'] === 'online') count++;
    return count;
  }
}
