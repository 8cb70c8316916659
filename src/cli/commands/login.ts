import type { Begun, Door, Papers } from '../../link/client/index.js';
import { isoTime, KontenaError } from '../../model/index.js';
import { KontenaCommand } from '../command.js';
import { addContext, type Context, readContexts, readCredential } from '../context/index.js';
import { fingerprintsIn } from '../fingerprints.js';
import { openLoopback } from '../loopback.js';
import { Args, Flags } from '../oclif.js';
import { askPassword } from '../passwords.js';
import { UsageError } from '../usage-error.js';

const MASTER_PORT = 9292;
const CONNECT_LIMIT_MS = 10_000;
/** As long as the master waits for somebody who has gone to the provider. */
const AWAY_LIMIT_MS = 10 * 60_000;

export default class Login extends KontenaCommand {
  static override summary = 'Sign in at a master, and use it from now on.';
  static override description = 'What one gets is a certificate for 12 hours, for a key made here; it renews itself while it is used and the master still says yes. A master that is not known yet is told nothing before its fingerprint was compared: with the one of --fingerprint, or by you.';
  static override examples = ['<%= config.bin %> login master.example.com', '<%= config.bin %> login master.example.com --device', '<%= config.bin %> login master.example.com --user ada --fingerprint 4f2a…', '<%= config.bin %> login'];
  static override args = { master: Args.string({ description: 'Address of the master, HOST or HOST:PORT; that of the context in use when absent.' }) };
  static override flags = {
    user: Flags.string({ char: 'u', helpValue: '<name>', summary: 'Who signs in, with a password; without it at the provider, where the master has one.' }),
    name: Flags.string({ helpValue: '<name>', summary: 'What the context is called; after the master unless said otherwise.' }),
    device: Flags.boolean({ default: false, exclusive: ['user'], summary: 'Sign in at the provider in a browser elsewhere, by a code that is shown.' }),
    fingerprint: Flags.string({ helpValue: '<sha256>', summary: 'Of the master\'s certificate authority, as `whoami` shows it to who is signed in.' }),
  };

  override async run(): Promise<number> {
    const { args, flags } = await this.parse(Login);
    const server = args.master === undefined ? (await this.chosen()).credential.server : withPort(args.master);
    const { contexts } = await readContexts(this.host);
    const name = flags.name ?? contextName(server);
    requireOwn(contexts, name, server);
    const door = await this.host.knock(server, { timeoutMs: CONNECT_LIMIT_MS });
    await this.#compare(server, door.authority.fingerprint, flags.fingerprint ?? (await known(contexts, server)));
    const { endsAt, user: who, ...papers } = await this.#signIn(door, flags);
    const before = contexts.find((one) => one.name === name);
    const grid = flags.grid ?? before?.grid;
    await addContext(this.host, { name, server, ...papers, ...(grid === undefined ? {} : { grid }) });
    this.print(`${who} is signed in at ${server} until ${isoTime(endsAt)}; context ${name} is used from now on`);
    return 0;
  }

  /** At the provider where the master has one, unless somebody is named. */
  async #signIn(door: Door, { user: named, device }: { readonly user?: string | undefined; readonly device: boolean }): Promise<Papers> {
    if (device) return this.#elsewhere(await door.begin());
    if (named === undefined && (await door.ways()).includes('oidc')) return this.#inBrowser(door);
    const user = named ?? (await this.#askUser());
    return door.withPassword({ user, password: await askPassword(this.host, `Password of ${user}`) });
  }

  async #inBrowser(door: Door): Promise<Papers> {
    const loopback = await openLoopback();
    try {
      const { url, complete } = await door.begin(loopback.address);
      this.note('Sign in at your provider, in a browser on this machine (elsewhere: --device):', `  ${url}`);
      if (this.host.isInteractive) this.host.browse(url);
      return signedIn(await complete(await loopback.answer(AWAY_LIMIT_MS)));
    } finally {
      loopback.close();
    }
  }

  /** The master waits some seconds before it says that nothing has come of it. */
  async #elsewhere({ url, code, complete }: Begun): Promise<Papers> {
    this.note(`In a browser anywhere, open  ${url}`, `and type                     ${code}`);
    for (;;) {
      const papers = await complete();
      if (papers !== undefined) return papers;
    }
  }

  /** @throws KontenaError KON_CERTIFICATE_UNTRUSTED, KON_CANCELLED */
  async #compare(server: string, shown: string, wanted: string | undefined): Promise<void> {
    if (wanted?.toLowerCase().replaceAll(':', '').split(' ').includes(shown) === true) return;
    if (wanted !== undefined) throw new KontenaError('KON_CERTIFICATE_UNTRUSTED', `the master at ${server} shows another certificate authority than the one that is wanted: ${shown}; nothing was told to it`);
    if (!this.host.isInteractive) throw new UsageError(`the master at ${server} is not known here: name its fingerprint with --fingerprint, as whoever runs it knows it`);
    await this.confirm(`The master at ${server} is not known here. The fingerprint of its certificate authority is\n  ${shown}\nIs that what whoever runs it told you?`, false);
  }

  async #askUser(): Promise<string> {
    if (!this.host.isInteractive) throw new UsageError('who signs in? Name the user with --user, and send the password to stdin');
    const answer = await this.host.ask({ kind: 'text', variable: '', text: 'User', isSecret: false, wrong: (typed) => (typed === '' ? 'is empty, and must not be' : undefined) });
    return typeof answer === 'string' ? answer : '';
  }
}

function signedIn(papers: Papers | undefined): Papers {
  if (papers === undefined) throw new KontenaError('KON_INTERNAL', 'the master says neither who signed in nor why not');
  return papers;
}

const withPort = (master: string): string => (/:\d+$/.test(master) ? master : `${master}:${String(MASTER_PORT)}`);

/** `master-example-com` of `master.example.com:9292`. */
const contextName = (server: string): string => server.replace(/:\d+$/, '').replaceAll(/[^\w-]+/g, '-').replaceAll(/^-+|-+$/g, '').slice(0, 63);

/** What is there may be somebody's only way in. @throws KontenaError KON_CONFLICT */
function requireOwn(contexts: readonly Context[], name: string, server: string): void {
  const found = contexts.find((one) => one.name === name);
  if (found === undefined || (found.credential === undefined && found.server === server)) return;
  throw new KontenaError('KON_CONFLICT', `the context "${name}" is of ${found.credential === undefined ? 'another master' : 'a credential in a file'}: name another with --name`);
}

/** Fingerprints of the authorities that contexts of the same master trust. */
async function known(contexts: readonly Context[], server: string): Promise<string | undefined> {
  const trusted: string[] = [];
  for (const context of contexts) {
    const credential = await readCredential(context).then((read) => read.credential, () => undefined);
    if (credential?.server === server) trusted.push(...fingerprintsIn(credential.ca));
  }
  return trusted.length === 0 ? undefined : trusted.join(' ');
}
