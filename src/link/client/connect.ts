import { type ChannelCredentials, credentials } from '@grpc/grpc-js';
import { type Instant, KontenaError, messageOf, type Millis } from '../../model/index.js';
import type { ByteStream, CertificateBundle, Control, HistoryItem, ListQuery, LogQuery, NewCredential, NodeChange, Progress, Resource, SecretWrite, SourceState, TokenRequest } from '../../ports/index.js';
import * as convert from '../convert/control.js';
import { plain } from '../convert/plain.js';
import { ControlService, type NewCredential as WireCredential } from '../gen/kontena/v1/control.js';
import { MasterChannel } from './call.js';

/** How to reach a master, and as whom. Certificates and key are PEM. */
export interface Credential {
  /** HOST:PORT. */
  readonly server: string;
  readonly ca: string;
  readonly certificate: string;
  readonly key: string;
}

export type Connected = Control & { close(): void };

/**
 * The master as its clients see it. Connects with the first call.
 *
 * @param options timeoutMs: how long the master may take to accept the connection
 * @throws KON_CONTEXT_INVALID when the credential is none
 * @throws (from each call) KON_MASTER_UNREACHABLE, KON_CERTIFICATE_UNTRUSTED, and whatever the master refuses with
 */
export function connect({ server, ca, certificate, key }: Credential, { timeoutMs }: { readonly timeoutMs: Millis }): Connected {
  return new RemoteControl(new MasterChannel(server, channelCredentials({ ca, certificate, key }, server), timeoutMs));
}

function channelCredentials({ ca, certificate, key }: Omit<Credential, 'server'>, server: string): ChannelCredentials {
  try {
    return credentials.createSsl(Buffer.from(ca), Buffer.from(key), Buffer.from(certificate));
  } catch (error) {
    throw new KontenaError('KON_CONTEXT_INVALID', `the credential for ${server} cannot be used: its CA, certificate and key are not PEM texts that belong together (${messageOf(error)})`, { cause: error });
  }
}

class RemoteControl implements Connected {
  readonly #master: MasterChannel;

  constructor(master: MasterChannel) {
    this.#master = master;
  }

  close(): void {
    this.#master.close();
  }

  info(): ReturnType<Control['info']> {
    return this.#master.ask(ControlService.info, {});
  }

  async *list(query: ListQuery): AsyncIterable<Resource> {
    for await (const resource of this.#master.answers(ControlService.list, convert.listQueryTo(query))) yield convert.resourceFrom(resource);
  }

  async *watch(query: ListQuery, signal: AbortSignal): ReturnType<Control['watch']> {
    for await (const { resource, isGone } of this.#master.answers(ControlService.watch, convert.listQueryTo(query), signal)) {
      if (resource !== undefined) yield { resource: convert.resourceFrom(resource), isGone };
    }
  }

  async apply({ grid, stack, dryRun, origin, secrets }: Parameters<Control['apply']>[0]): ReturnType<Control['apply']> {
    const request = { grid, stack: plain(stack), dryRun, origin: origin ?? '', secrets: { ...secrets } };
    return convert.appliedFrom(await this.#master.ask(ControlService.apply, request));
  }

  async *follow(grid: string, stack: string, revision: number, signal: AbortSignal): AsyncIterable<Progress> {
    for await (const message of this.#master.answers(ControlService.follow, { grid, stack, revision }, signal)) {
      const progress = convert.progressFrom(message);
      if (progress !== undefined) yield progress;
    }
  }

  async scale(grid: string, service: string, instances: number): ReturnType<Control['scale']> {
    return convert.appliedFrom(await this.#master.ask(ControlService.scale, { grid, service, instances }));
  }

  createGrid({ name, subnet, nodePrefix }: Parameters<Control['createGrid']>[0]): ReturnType<Control['createGrid']> {
    return this.#master.ask(ControlService.createGrid, { name, subnet: subnet ?? '', nodePrefix });
  }

  remove(grid: string, kind: string, name: string): ReturnType<Control['remove']> {
    return this.#master.ask(ControlService.remove, { grid, kind, name });
  }

  writeSecret(grid: string, { name, value, only }: SecretWrite): ReturnType<Control['writeSecret']> {
    return this.#master.ask(ControlService.writeSecret, { grid, name, value, only: only ?? '' });
  }

  async readSecret(grid: string, name: string): ReturnType<Control['readSecret']> {
    return (await this.#master.ask(ControlService.readSecret, { grid, name })).value;
  }

  writeCertificate(grid: string, bundle: CertificateBundle, subject?: string): ReturnType<Control['writeCertificate']> {
    return this.#master.ask(ControlService.writeCertificate, { grid, bundle, subject: subject ?? '' });
  }

  readCertificate(grid: string, subject: string): ReturnType<Control['readCertificate']> {
    return this.#master.ask(ControlService.readCertificate, { grid, subject });
  }

  setNode(grid: string, node: string, { availability, labels, isConfirmed = false }: NodeChange): ReturnType<Control['setNode']> {
    return this.#master.ask(ControlService.setNode, { grid, node, availability, labels: labels && { labels: [...labels] }, isConfirmed });
  }

  async createToken(grid: string, { ttlSeconds, labels, uses = 1, node = '' }: TokenRequest): ReturnType<Control['createToken']> {
    const { id, token, expiresAtMs } = await this.#master.ask(ControlService.createToken, { grid, ttlSeconds, labels: [...labels], uses, node });
    return { id, token, expiresAt: expiresAtMs as Instant };
  }

  async createCredential(name: string, lifetimeSeconds: number): ReturnType<Control['createCredential']> {
    return credentialFrom(await this.#master.ask(ControlService.createCredential, { name, lifetimeSeconds }));
  }

  async renewCredential(): ReturnType<Control['renewCredential']> {
    return credentialFrom(await this.#master.ask(ControlService.renewCredential, {}));
  }

  rotateAuthority(request: Parameters<Control['rotateAuthority']>[0]): ReturnType<Control['rotateAuthority']> {
    return this.#master.ask(ControlService.rotateAuthority, request);
  }

  async *history(grid: string, kind: string, name: string): AsyncIterable<HistoryItem> {
    for await (const item of this.#master.answers(ControlService.history, { grid, kind, name })) yield convert.historyItemFrom(item);
  }

  async *logs(grid: string, name: string, { tail, follow, since }: LogQuery, signal: AbortSignal): ReturnType<Control['logs']> {
    const request = { grid, name, tail, follow, since: since ?? '' };
    for await (const { instance, stream, at, line } of this.#master.answers(ControlService.logs, request, signal)) {
      yield { instance, stream: stream === 'stderr' ? 'stderr' : 'stdout', at, line };
    }
  }

  forward(grid: string, { name, port }: { readonly name: string; readonly port: number }, signal: AbortSignal): ByteStream {
    return this.#master.both(ControlService.forward, { message: { $case: 'open', value: { grid, name, port } } }, signal);
  }

  async *backup(signal: AbortSignal): AsyncIterable<Uint8Array> {
    for await (const { bytes } of this.#master.answers(ControlService.backup, {}, signal)) yield bytes;
  }

  async reportSource(grid: string, { directory, file, stack, error, isGone }: SourceState): Promise<void> {
    await this.#master.ask(ControlService.reportSource, { grid, directory, file, stack, error, isGone: isGone ?? false });
  }
}

const credentialFrom = ({ endsAtMs, ...rest }: WireCredential): NewCredential => ({ ...rest, endsAt: endsAtMs as Instant });
