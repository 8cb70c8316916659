import { open, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import { codeOf, KontenaError, messageOf } from '../model/index.js';
import type { MachineResolver } from '../ports/index.js';
import type { Runner } from './programs.js';

/** Where programs read whom to ask. */
const FILE = '/etc/resolv.conf';
/** What systemd's own server writes there, or has that file point to. */
const SYSTEMD_DIRECTORY = '/run/systemd/resolve/';
const SYSTEMD_STUB = /^\s*nameserver\s+127\.0\.0\.5[34]\s*$/m;
/** Below it all names of grids are. */
const DOMAIN = '~kontena.local';

export interface ResolverOptions {
  readonly programs: Runner;
  /** The node's tunnel: what is said of an interface to systemd's server goes with it. */
  readonly tunnel: string;
  readonly file?: string;
}

/**
 * How this machine looks for names: by systemd's own server, which is told whom to ask for names of grids alone; else by
 * the servers that a file names, where ours comes first and passes on what is not its own.
 */
export class LinuxResolver implements MachineResolver {
  readonly #programs: Runner;
  readonly #tunnel: string;
  readonly #file: string;

  constructor({ programs, tunnel, file = FILE }: ResolverOptions) {
    this.#programs = programs;
    this.#tunnel = tunnel;
    this.#file = file;
  }

  async use(server: string): Promise<void> {
    const text = await this.#read();
    if (await this.#isSystemds(text)) await this.#tellSystemd(server);
    else await this.#write(text, `${this.#mark}: for names of its grid; \`kontenactl agent reset\` takes away these two lines\nnameserver ${server}\n${without(text, this.#mark)}`);
  }

  async leave(): Promise<string | undefined> {
    const text = await this.#read();
    const [inFile, atSystemd] = [text.includes(this.#mark), (await this.#isSystemds(text)) && (await this.#isToldToSystemd())];
    if (inFile) await this.#write(text, without(text, this.#mark));
    if (atSystemd) await this.#programs.must('resolvectl', ['revert', this.#tunnel]);
    if (inFile) return `lines of ${this.#file}`;
    return atSystemd ? `servers of names of ${this.#tunnel}` : undefined;
  }

  get #mark(): string {
    return `# kontena ${this.#tunnel}`;
  }

  async #isSystemds(text: string): Promise<boolean> {
    const target = await realpath(this.#file).catch(() => this.#file);
    return target.startsWith(SYSTEMD_DIRECTORY) || SYSTEMD_STUB.test(text);
  }

  async #tellSystemd(server: string): Promise<void> {
    const about = async (what: 'dns' | 'domain'): Promise<readonly string[]> => (await this.#programs.must('resolvectl', [what, this.#tunnel])).trim().split(/\s+/);
    if (!(await about('dns')).includes(server)) await this.#programs.must('resolvectl', ['dns', this.#tunnel, server]);
    if (!(await about('domain')).includes(DOMAIN)) await this.#programs.must('resolvectl', ['domain', this.#tunnel, DOMAIN]);
  }

  /** Who has neither that program nor that interface was told nothing. */
  async #isToldToSystemd(): Promise<boolean> {
    const { code, out } = await this.#programs.run('resolvectl', ['dns', this.#tunnel]).catch(() => ({ code: 1, out: '' }));
    return code === 0 && /: *\S+/.test(out);
  }

  async #read(): Promise<string> {
    try {
      return await readFile(this.#file, 'utf8');
    } catch (error) {
      if (codeOf(error) === 'ENOENT') return '';
      throw new KontenaError('KON_RESOLVER_REFUSED', `${this.#file} cannot be read: ${messageOf(error)}`);
    }
  }

  /** In place, as it may be mounted there, and keeps its owner. First what is new, then the end: in between, the end of the old makes no difference. */
  async #write(before: string, text: string): Promise<void> {
    if (before === text) return;
    try {
      if (before === '') await writeFile(this.#file, text, { mode: 0o644 });
      else if (text === '') await rm(this.#file);
      else await overwrite(this.#file, text);
    } catch (error) {
      throw new KontenaError('KON_RESOLVER_REFUSED', `${this.#file} cannot be written: ${messageOf(error)}`);
    }
  }
}

async function overwrite(path: string, text: string): Promise<void> {
  const file = await open(path, 'r+');
  try {
    const bytes = Buffer.from(text);
    await file.write(bytes, 0, bytes.length, 0);
    await file.truncate(bytes.length);
  } finally {
    await file.close();
  }
}

/** Without the two lines that begin with the mark. */
function without(text: string, mark: string): string {
  const lines = text.split('\n');
  const at = lines.findIndex((line) => line.startsWith(mark));
  return at === -1 ? text : lines.toSpliced(at, 2).join('\n');
}
