import { createReadStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { type KnownHead, verifyAudit } from '../../../audit/index.js';
import { codeOf, isoTime, type Instant, KontenaError, messageOf } from '../../../model/index.js';
import { KontenaCommand } from '../../command.js';
import { jsonFlag } from '../../flags.js';
import { Args, Flags } from '../../oclif.js';
import { UsageError } from '../../usage-error.js';

export default class AuditVerify extends KontenaCommand {
  static override summary = 'Check that no entry of the audit log was changed, and none is missing.';
  static override description = 'Reads the log of the master, or an export, which needs no master. With --key it is checked to be signed by that key, with --known to hold what an earlier check ended with.';
  static override examples = ['<%= config.bin %> audit verify', '<%= config.bin %> audit verify audit.jsonl --key audit.pub --known 1200:3f5c…'];
  static override args = { file: Args.string({ description: 'An export; the log of the master when absent.' }) };
  static override flags = {
    key: Flags.string({ helpValue: '<file>', summary: 'Public key, as `audit key` prints it; the one that the log names when absent.' }),
    known: Flags.string({ helpValue: '<number:hash>', summary: 'An entry that the log must hold, as an earlier check printed its last.' }),
    output: jsonFlag(),
  };

  override async run(): Promise<number> {
    const { args, flags } = await this.parse(AuditVerify);
    const publicKey = flags.key === undefined ? undefined : await this.#reading(flags.key, (path) => readFile(path, 'utf8'));
    const known = flags.known === undefined ? undefined : parseKnown(flags.known);
    const options = { publicKey, known };
    const { file } = args;
    const report = file === undefined ? await verifyAudit(texts(await this.#exported()), options) : await this.#reading(file, (path) => verifyAudit(texts(createReadStream(path)), options));
    const { entries, hash, signedAt, keyFingerprint, cluster } = report;
    const last = `${String(entries)}:${hash}`;
    if (flags.output === 'json') await this.printJson({ ...report, last, ...(signedAt === undefined ? {} : { signedAt: isoTime(signedAt as Instant) }) });
    else {
      this.print(`${String(entries)} entries of cluster ${cluster}: none changed, none missing${signedAt === undefined ? '' : `, signed at ${isoTime(signedAt as Instant)}`}`, `key   ${keyFingerprint}`, `last  ${last}`);
      if (publicKey === undefined) this.note('The key is the one that the log itself names: give the one you know with --key.');
    }
    return 0;
  }

  async #exported(): Promise<AsyncIterable<Uint8Array>> {
    const { control } = await this.master();
    return control.audit.export(new AbortController().signal);
  }

  async #reading<T>(file: string, read: (path: string) => Promise<T>): Promise<T> {
    try {
      return await read(resolve(this.host.directory, file));
    } catch (error) {
      if (codeOf(error) === '' || error instanceof KontenaError) throw error;
      throw new KontenaError('KON_FILE_UNREADABLE', `${file} cannot be read: ${messageOf(error)}`, { cause: error });
    }
  }
}

function parseKnown(text: string): KnownHead {
  const match = /^(\d+):([0-9a-f]{64})$/.exec(text);
  if (match === null) throw new UsageError(`--known ${text}: a number and a hash are wanted, as \`audit verify\` prints them: 1200:3f5c…`);
  return { number: Number(match[1]), hash: match[2] ?? '' };
}

async function* texts(pieces: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  for await (const piece of pieces) yield decoder.decode(piece, { stream: true });
  yield decoder.decode();
}
