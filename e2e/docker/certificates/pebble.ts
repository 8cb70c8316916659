import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { eventually, must, signal, start } from '../harness/index.js';
import { certificateIn } from '../registries/index.js';

interface Way {
  /** Where it listens, and its server of names, */
  readonly address: string;
  /** at four ports from this one on. Default 14000. */
  readonly firstPort?: number;
  /** Where it looks for answers, by default on port 80. */
  readonly httpPort?: number;
  /** Its faults, as its documentation names them: `PEBBLE_WFE_NONCEREJECT`. */
  readonly env?: Readonly<Record<string, string>>;
  /** Keys of external accounts, by their ids: others are refused. */
  readonly externalAccounts?: Readonly<Record<string, string>>;
}

/** Let's Encrypt's own ACME server for tests, with a server of names that says what it is told. */
export class Pebble {
  private constructor(readonly address: string, readonly firstPort: number, readonly ca: string, readonly stop: () => void) {}

  /** Of its directory. */
  get directory(): string {
    return `https://${this.address}:${this.firstPort}/dir`;
  }

  /** Its server of names. */
  get names(): string {
    return `${this.address}:${this.firstPort + 2}`;
  }

  /** Where its server of names is told what to say. */
  get namesControl(): string {
    return `http://${this.address}:${this.firstPort + 3}`;
  }

  /** In an empty folder. */
  static async start(folder: string, { address, firstPort = 14_000, httpPort = 80, env = {}, externalAccounts }: Way): Promise<Pebble> {
    mkdirSync(folder);
    const { certificate, key, ca } = await certificateIn(folder, address);
    const config = {
      listenAddress: `${address}:${firstPort}`, managementListenAddress: `${address}:${firstPort + 1}`, certificate, privateKey: key, httpPort, tlsPort: 443,
      externalAccountBindingRequired: externalAccounts !== undefined, externalAccountMACKeys: externalAccounts,
    };
    writeFileSync(join(folder, 'pebble.json'), JSON.stringify({ pebble: config }));
    const names = `${address}:${firstPort + 2}`;
    const silent = ['-http01', '', '-https01', '', '-tlsalpn01', '', '-defaultIPv6', ''];
    const server = start('pebble-challtestsrv', ['-dns01', names, '-management', `${address}:${firstPort + 3}`, ...silent], join(folder, 'names.log'));
    const authority = start('pebble', ['-config', join(folder, 'pebble.json'), '-dnsserver', names], join(folder, 'pebble.log'), { env: { ...process.env, PEBBLE_VA_NOSLEEP: '1', ...env } });
    const stop = (): void => [server.pid, authority.pid].forEach((pid) => signal(pid, 'SIGKILL'));
    const pebble = new Pebble(address, firstPort, ca, stop);
    await eventually('pebble answers', async () => ((await must('curl', ['-sS', '--cacert', ca, pebble.directory])).includes('newOrder') ? true : undefined));
    return pebble;
  }

  /** Every name leads there. */
  async leadTo(ip: string): Promise<void> {
    await this.#tell('set-default-ipv4', { ip });
  }

  /** Sets a TXT record. */
  async setRecord(host: string, value: string): Promise<void> {
    await this.#tell('set-txt', { host: `${host}.`, value });
  }

  /** The root that issues, PEM. */
  root(): Promise<string> {
    return must('curl', ['-sS', '--cacert', this.ca, `https://${this.address}:${this.firstPort + 1}/roots/0`]);
  }

  async #tell(what: string, body: object): Promise<void> {
    await must('curl', ['-sSf', '-d', JSON.stringify(body), `${this.namesControl}/${what}`]);
  }
}
