import { writeFileSync } from 'node:fs';
import { get } from 'node:http';
import { join } from 'node:path';
import { issueCertificate } from '../../src/testing/issue-certificate.js';
import { type Bed, Cluster, type Engine, eventually, Load, must, openBed, setCable, sleep } from '../docker/harness/index.js';
import { quantile, type Measurement } from './measure.js';

/** Each round is a rollout, two scalings, a drained node and a load of the balancer: five changes, under load. `BENCH_BALANCER_ROUNDS=2` is a short one. */
const ROUNDS = Number(process.env['BENCH_BALANCER_ROUNDS'] ?? '20');
const PER_SECOND = 1_000;
/** While something is killed, so that it is seen how long that is felt. */
const PROBES_PER_SECOND = 50;
const SHARE_OF_PLAIN = 0.95;
/** Of throughput, in turns, so that each meets a moment in which the machine does nothing else. */
const TURNS = 5;
const TURN_SECONDS = 4;

const NAME = 'web.example.com';

/** HAProxy as the quickest web server there is: says its word. */
const SPEAK = `printf 'defaults\\n mode http\\n timeout client 60s\\n timeout server 60s\\n timeout connect 5s\\nfrontend speak\\n bind :8080\\n http-request return status 200 content-type text/plain string "%s"\\n' "$$WORD" > /speak.cfg
exec haproxy -db -f /speak.cfg`;

/** The balancer on a machine of its own, four instances on two others, all under load. */
export async function benchBalancer(say: (line: string) => void): Promise<readonly Measurement[]> {
  const bed = await openBed(3);
  try {
    const site = await Site.open(bed);
    const throughput = await againstByHand(site, say);
    const changes = await throughChanges(site, say);
    return [...changes, ...(await throughDeaths(site, say)), ...throughput];
  } finally {
    await bed.close();
  }
}

class Site {
  #word = 1;
  #connectSeconds = 5;

  private constructor(readonly bed: Bed, readonly cluster: Cluster, readonly image: string) {}

  static async open(bed: Bed): Promise<Site> {
    const image = await bed.registry.pushProgram(bed.engines[0]!, 'haproxy:2.6', '/usr/sbin/haproxy');
    const cluster = await Cluster.start(bed);
    const site = new Site(bed, cluster, image);
    const { certificate, privateKey } = await issueCertificate([NAME]);
    const [crt, key] = [join(bed.directory, 'one.crt'), join(bed.directory, 'one.key')];
    writeFileSync(crt, certificate);
    writeFileSync(key, privateKey);
    await cluster.must(['certificate', 'import', crt, '--private-key', key]);
    await cluster.apply({
      stack: 'infra',
      services: { lb: { image, role: 'load-balancer', ports: ['80:80', '443:443'], affinity: ['node==n1'], certificates: [NAME], deploy: { wait_for_port: 80 } } },
    });
    await site.apply();
    return site;
  }

  get edge(): Engine {
    return this.bed.engines[0]!;
  }

  apply(): Promise<unknown> {
    const deploy = { wait_for_port: 8080, min_health: 0.5, settle: 0 };
    return this.cluster.apply({
      stack: 'site',
      services: {
        web: {
          image: this.image, command: ['sh', '-c', SPEAK], environment: [`WORD=web ${this.#word}`], stop_signal: 'SIGUSR1', instances: 4, affinity: ['node!=n1'], links: ['infra/lb'], deploy,
          balancer: { port: 8080, timeouts: { connect: `${this.#connectSeconds}s` } },
        },
      },
    });
  }

  rollOut(): Promise<unknown> {
    this.#word += 1;
    return this.apply();
  }

  async scale(instances: number): Promise<void> {
    await this.cluster.must(['scale', 'site/web', String(instances)]);
    await this.cluster.untilRunning('site/web', instances);
  }

  /** A node gives all that it runs to the others, and may have work again. */
  async drain(node: string): Promise<void> {
    await this.cluster.must(['node', 'drain', node]);
    await eventually(`nothing of web is on ${node}`, async () => ((await this.cluster.instances('site/web')).every(({ spec }) => spec.node !== node) ? true : undefined), 60_000);
    await this.cluster.must(['node', 'activate', node]);
  }

  /** The balancer loads a configuration of another shape. */
  async reload(): Promise<void> {
    const before = await this.reloads();
    this.#connectSeconds += 1;
    await this.apply();
    await eventually('it is loaded anew', async () => ((await this.reloads()) > before ? true : undefined));
  }

  reloads(): Promise<number> {
    return this.cluster.balancerReloads(this.edge);
  }

  /** How long the last change took, from the master's hearing of it until the last balancer served it. */
  async tookMs(): Promise<number | undefined> {
    const { items } = JSON.parse(await this.cluster.must(['get', 'routes', '-o', 'json'])) as { readonly items: readonly { readonly status: { readonly tookMs?: number } }[] };
    return items[0]?.status.tookMs;
  }
}

/** 1,000 requests a second, on kept connections, on new ones and over HTTP/2, while all that may change does. */
async function throughChanges(site: Site, say: (line: string) => void): Promise<readonly Measurement[]> {
  const load = new Load({ host: site.edge.address, port: 80, securePort: 443, name: NAME, path: '/' }, PER_SECOND);
  const took: number[] = [];
  let unasked = 0;
  const began = performance.now();
  for (let round = 1; round <= ROUNDS; round += 1) {
    const before = await site.reloads();
    for (const change of [() => site.rollOut(), () => site.scale(6), () => site.scale(4), () => site.drain('n3')]) {
      await change();
      took.push(...[await site.tookMs()].filter((ms) => ms !== undefined));
    }
    unasked += (await site.reloads()) - before;
    await site.reload();
    say(`round ${round} of ${ROUNDS}: ${load.count} requests, ${load.failed.length} failed`);
  }
  const rate = load.count / ((performance.now() - began) / 1_000);
  await load.stop();
  for (const failure of new Set(load.failed)) say(`failed: ${failure}`);
  return [
    { group: 'balancer', what: 'changes', value: 5 * ROUNDS, unit: '' },
    { group: 'balancer', what: 'requests meanwhile', value: rate, unit: 'requests/s', bound: { sort: 'at least', value: 0.95 * PER_SECOND } },
    { group: 'balancer', what: 'all of them', value: load.count, unit: '' },
    { group: 'balancer', what: 'of which failed', value: load.failed.length, unit: '', bound: { sort: 'at most', value: 0 } },
    { group: 'balancer', what: 'loads for changes of endpoints alone', value: unasked, unit: '', bound: { sort: 'at most', value: 0 } },
    { group: 'balancer', what: 'a change of endpoints is served by all balancers, median', value: quantile(took, 0.5), unit: 'ms' },
    { group: 'balancer', what: 'the same, p99', value: quantile(took, 0.99), unit: 'ms', bound: { sort: 'at most', value: 300 } },
  ];
}

interface Probe {
  readonly at: number;
  /** Undefined when it failed. */
  readonly tookMs: number | undefined;
}

/** How long it is felt that an instance, the balancer, a node dies. */
async function throughDeaths(site: Site, say: (line: string) => void): Promise<readonly Measurement[]> {
  const containerOn = async (engine: Engine, service: string): Promise<string> => (await engine.running()).find((name) => name.startsWith(service)) ?? '';
  await site.scale(8); // on both nodes: what was drained is not filled again by itself
  const victim = site.bed.engines[1]!;
  const instance = await felt(site, 3_000, async () => victim.docker(['kill', await containerOn(victim, 'site.web-')]));
  const balancer = await felt(site, 5_000, async () => site.edge.docker(['kill', await containerOn(site.edge, 'infra.lb-')]));
  const node = await felt(site, 30_000, () => setCable(site.bed.engines[2]!.settings.namespace, false));
  await setCable(site.bed.engines[2]!.settings.namespace, true);
  say(`killed: an instance is felt for ${instance.forMs} ms, the balancer for ${balancer.forMs} ms, a node for ${node.forMs} ms`);
  return [
    { group: 'balancer', what: 'a killed instance: requests that failed', value: instance.failed, unit: '', bound: { sort: 'at most', value: 0 } },
    { group: 'balancer', what: 'a killed balancer serves again after', value: balancer.forMs, unit: 'ms', bound: { sort: 'at most', value: 1_000 } },
    { group: 'balancer', what: 'a killed node: requests that failed', value: node.failed, unit: '', bound: { sort: 'at most', value: 0 } },
    { group: 'balancer', what: 'a killed node: the last request that was slow began after', value: node.forMs, unit: 'ms' },
  ];
}

/** Kills, and asks meanwhile and for so long after: how many failed, and when the last began that failed or took a second. */
async function felt(site: Site, forMs: number, kill: () => Promise<unknown>): Promise<{ readonly failed: number; readonly forMs: number }> {
  const probes: Promise<Probe>[] = [];
  const timer = setInterval(() => probes.push(probe(site)), 1_000 / PROBES_PER_SECOND);
  await sleep(500);
  const killedAt = performance.now();
  await kill();
  await sleep(forMs);
  clearInterval(timer);
  const all = await Promise.all(probes);
  const last = Math.max(killedAt, ...all.filter(({ tookMs }) => tookMs === undefined || tookMs > 1_000).map(({ at }) => at));
  return { failed: all.filter(({ tookMs }) => tookMs === undefined).length, forMs: Math.round(last - killedAt) };
}

const probe = ({ edge }: Site): Promise<Probe> => {
  const at = performance.now();
  return new Promise((resolve) => {
    get({ host: edge.address, path: '/', agent: false, timeout: 20_000 }, (answer) => {
      answer.resume();
      answer.on('end', () => resolve({ at, tookMs: answer.statusCode === 200 ? performance.now() - at : undefined }));
    }).on('error', () => resolve({ at, tookMs: undefined })).on('timeout', function (this: { destroy(): void }) {
      this.destroy();
    });
  });
};

/** Requests a second through the balancer, and through an HAProxy whose configuration was written by hand, for the same instances. */
async function againstByHand(site: Site, say: (line: string) => void): Promise<readonly Measurement[]> {
  const found = await site.cluster.instances('site/web');
  const servers = found.map(({ status }, index) => `server s${index} ${status.address}:8080 check`).join('\\n ');
  const config = `global\\n log stdout format raw local0\\ndefaults\\n mode http\\n log global\\n option httplog\\n timeout client 60s\\n timeout server 60s\\n timeout connect 5s\\nfrontend f\\n bind :80\\n default_backend b\\nbackend b\\n option forwardfor\\n ${servers}\\n`;
  await site.cluster.apply({ stack: 'plain', services: { lb: { image: site.image, command: ['sh', '-c', `printf '${config}' > /plain.cfg; exec haproxy -db -f /plain.cfg`], ports: ['8081:80'], affinity: ['node==n1'], deploy: { wait_for_port: 80 } } } });
  const best = { ours: 0, plain: 0 };
  for (let turn = 1; turn <= TURNS; turn += 1) {
    best.plain = Math.max(best.plain, await perSecond(`http://${site.edge.address}:8081/`));
    best.ours = Math.max(best.ours, await perSecond(`http://${site.edge.address}:80/`));
    say(`turn ${turn} of ${TURNS}: at best ${Math.round(best.ours)} against ${Math.round(best.plain)} requests/s`);
  }
  await site.cluster.must(['delete', 'stack', 'plain', '--yes']);
  return [
    { group: 'balancer', what: 'requests through the balancer', value: best.ours, unit: 'requests/s' },
    { group: 'balancer', what: 'through a configuration written by hand', value: best.plain, unit: 'requests/s' },
    { group: 'balancer', what: 'the first / the second', value: best.ours / best.plain, unit: 'times', bound: { sort: 'at least', value: SHARE_OF_PLAIN } },
  ];
}

async function perSecond(url: string): Promise<number> {
  const said = await must('h2load', ['--h1', '-c', '16', '-t', '1', '-D', String(TURN_SECONDS), '--warm-up-time', '1s', url]);
  const failed = Number(/(\d+) failed/.exec(said)?.[1]);
  if (failed !== 0) throw new Error(said);
  return Number(/([\d.]+) req\/s/.exec(said)?.[1]);
}
