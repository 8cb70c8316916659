import type { ServerUnaryCall, ServerWritableStream } from '@grpc/grpc-js';
import { KontenaError, type StackSpec } from '../../model/index.js';
import type { Caller, Clock, Control, Kept, Log, LogQuery, NewCredential, NodeChange, SecretWrite, SourceState, TokenRequest } from '../../ports/index.js';
import * as convert from '../convert/control.js';
import { defined } from '../convert/plain.js';
import type * as wire from '../gen/kontena/v1/control.js';
import { streaming, unary } from './answer.js';
import { forward } from './forward.js';
import type { Guard } from './guard.js';

/** Far below the 4 MB that a message may have. */
const MAX_PIECE_BYTES = 1024 * 1024;

export interface ControlServiceOptions {
  readonly control: (caller: Caller) => Control;
  /** Of the CA that agents are to look for; part of every join token. */
  readonly caFingerprint: () => string;
  readonly guard: Guard;
  readonly clock: Clock;
  readonly log: Log;
}

/** Control as gRPC serves it. Every method asks for the admin's certificate first. */
export function controlService({ control, caFingerprint, guard, clock, log }: ControlServiceOptions): wire.ControlServer {
  const ask = <Request, Answer>(work: (control: Control, request: Request) => Promise<Answer>) =>
    unary(log, (call: ServerUnaryCall<Request, Answer>) => work(control(guard.client(call)), call.request));
  const stream = <Request, Answer>(work: (control: Control, request: Request, signal: AbortSignal) => AsyncIterable<Answer>) =>
    streaming({ log, clock, hold: (call, cut) => guard.hold(call, cut) }, (call: ServerWritableStream<Request, Answer>, signal) => work(control(guard.client(call)), call.request, signal));

  return {
    info: ask((to) => to.info()),
    list: stream(async function* (to, request) {
      for await (const resource of to.list(convert.listQueryFrom(request))) yield convert.resourceTo(resource);
    }),
    watch: stream(async function* (to, request, signal) {
      for await (const { resource, isGone } of to.watch(convert.listQueryFrom(request), signal)) yield { resource: convert.resourceTo(resource), isGone };
    }),
    apply: ask(async (to, request) => {
      const { stack, dryRun, origin, secrets } = request;
      if (stack === undefined) throw new KontenaError('KON_INVALID', 'the request to apply holds no stack');
      // The api looks at every member of it: whatever a client sends arrives here.
      return convert.appliedTo(await to.apply({ grid: convert.gridOf(request), stack: stack as StackSpec, dryRun, secrets, ...(origin === '' ? {} : { origin }) }));
    }),
    follow: stream(async function* (to, request, signal) {
      for await (const progress of to.follow(convert.gridOf(request), request.stack, request.revision, signal)) yield convert.progressTo(progress);
    }),
    scale: ask(async (to, request) => convert.appliedTo(await to.scale(convert.gridOf(request), request.service, request.instances))),
    createGrid: ask((to, { name, subnet, nodePrefix }) => to.createGrid({ name, ...(subnet === '' ? {} : { subnet }), ...(nodePrefix === undefined ? {} : { nodePrefix }) })),
    remove: ask((to, request) => to.remove(convert.gridOf(request), convert.resourceKind(request.kind), request.name)),
    writeSecret: ask(async (to, request) => keptTo(await to.writeSecret(convert.gridOf(request), secretWriteFrom(request)))),
    readSecret: ask(async (to, request) => ({ value: await to.readSecret(convert.gridOf(request), request.name) })),
    writeCertificate: ask(async (to, request) => {
      if (request.bundle === undefined) throw new KontenaError('KON_INVALID', 'the request to import holds no certificate');
      return keptTo(await to.writeCertificate(convert.gridOf(request), request.bundle, request.subject === '' ? undefined : request.subject));
    }),
    readCertificate: ask((to, request) => to.readCertificate(convert.gridOf(request), request.subject)),
    setNode: ask((to, request) => to.setNode(convert.gridOf(request), request.node, nodeChangeFrom(request))),
    createToken: ask(async (to, request) => {
      const { id, token, expiresAt } = await to.createToken(convert.gridOf(request), tokenRequestFrom(request));
      return { id, token: `${token}.${caFingerprint()}`, expiresAtMs: expiresAt };
    }),
    createCredential: ask(async (to, { name, lifetimeSeconds }) => credentialTo(await to.createCredential(name, lifetimeSeconds))),
    renewCredential: ask(async (to) => credentialTo(await to.renewCredential())),
    rotateAuthority: ask(async (to, { isEnd, isForced }) => {
      const { fingerprint, behind } = await to.rotateAuthority({ isEnd, isForced });
      return { fingerprint, behind: [...behind] };
    }),
    history: stream(async function* (to, request) {
      for await (const item of to.history(convert.gridOf(request), convert.resourceKind(request.kind), request.name)) yield convert.historyItemTo(item);
    }),
    logs: stream((to, request, signal) => to.logs(convert.gridOf(request), request.name, logQueryFrom(request), signal)),
    forward: (call) => void forward(call, (open, signal) => control(guard.client(call)).forward(convert.gridOf(open), { name: open.name, port: open.port }, signal), { guard, log }),
    backup: stream(async function* (to, _request, signal) {
      for await (const bytes of to.backup(signal)) {
        for (let from = 0; from < bytes.length; from += MAX_PIECE_BYTES) yield { bytes: Buffer.from(bytes.subarray(from, from + MAX_PIECE_BYTES)) };
      }
    }),
    reportSource: ask(async (to, request) => {
      await to.reportSource(convert.gridOf(request), sourceFrom(request));
      return {};
    }),
  };
}

const keptTo = ({ usedBy, ...rest }: Kept): wire.Kept => ({ ...rest, usedBy: [...usedBy] });

const secretWriteFrom = ({ name, value, only }: wire.WriteSecretRequest): SecretWrite => ({
  name,
  value,
  ...(only === '' ? {} : { only: convert.oneOf('only', ['new', 'known'], only) }),
});

function nodeChangeFrom({ availability, labels, isConfirmed }: wire.SetNodeRequest): NodeChange {
  return {
    ...(availability === undefined ? {} : { availability: convert.oneOf('availability', ['active', 'drain'], availability) }),
    ...(labels === undefined ? {} : { labels: labels.labels }),
    ...(isConfirmed ? { isConfirmed } : {}),
  };
}

const credentialTo = ({ endsAt, ...rest }: NewCredential): wire.NewCredential => ({ ...rest, endsAtMs: endsAt });

const tokenRequestFrom = ({ ttlSeconds, labels, uses, node }: wire.CreateTokenRequest): TokenRequest => ({
  ttlSeconds,
  labels,
  ...(uses === 0 ? {} : { uses }),
  ...(node === '' ? {} : { node }),
});

const logQueryFrom = ({ tail, follow, since }: wire.LogsRequest): LogQuery => ({
  follow,
  ...(tail === undefined ? {} : { tail }),
  ...(since === '' ? {} : { since }),
});

const sourceFrom = ({ directory, file, stack, error, isGone }: wire.SourceState): SourceState => ({ directory, file, isGone, ...defined({ stack, error }) });
