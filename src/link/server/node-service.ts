import type { ServerDuplexStream, ServerUnaryCall } from '@grpc/grpc-js';
import { messageOf } from '../../model/index.js';
import type { Enrolment, Log } from '../../ports/index.js';
import { toStatus } from '../convert/errors.js';
import type * as wire from '../gen/kontena/v1/node.js';
import type { MasterPki } from '../pki/index.js';
import type { MasterSessions } from '../session/index.js';
import { unary } from './answer.js';
import { hostOf, requireAgent } from './peer.js';
import type { SpareLog } from './spare-log.js';
import { masterWire } from './stream-wire.js';

export interface NodeServiceOptions {
  readonly sessions: MasterSessions;
  readonly pki: MasterPki;
  readonly enrolment: Enrolment;
  readonly cluster: string;
  readonly log: Log;
  readonly spareLog: SpareLog;
}

/** As much of a stranger's word for its name as goes into the log: what a name may have. */
const NAME_CHARACTERS = 63;

/** NodeLink as gRPC serves it. Only Join answers without an agent's certificate. */
export function nodeService({ sessions, pki, enrolment, cluster, log, spareLog }: NodeServiceOptions): wire.NodeLinkServer {
  return {
    join: unary(log, async (call: ServerUnaryCall<wire.JoinRequest, wire.JoinResponse>) => {
      const { token, name, labels, certificateRequest } = call.request;
      const address = call.getPeer();
      try {
        const keyFingerprint = await pki.requester(certificateRequest);
        const joined = await enrolment.join({ token, name, labels, keyFingerprint, from: hostOf(address) });
        const certificate = await pki.signAgent(certificateRequest, joined);
        log.info('a node joined', { ...joined, address });
        return { certificate, authorities: pki.authorities, cluster, grid: joined.grid, node: joined.node };
      } catch (error) {
        spareLog.warn('a join was refused', { address, node: name.slice(0, NAME_CHARACTERS), reason: messageOf(error) });
        throw error;
      }
    }),
    renew: unary(log, async (call: ServerUnaryCall<wire.RenewRequest, wire.RenewResponse>) => {
      const peer = requireAgent(call);
      const { certificateRequest } = call.request;
      const renewed = await enrolment.renew(peer.grid, peer.name, { from: peer, to: await pki.requester(certificateRequest) });
      return { certificate: await pki.signAgent(certificateRequest, renewed), authorities: pki.authorities };
    }),
    settle: unary(log, (call: ServerUnaryCall<wire.SettleRequest, wire.SettleResponse>) => {
      const peer = requireAgent(call);
      enrolment.admit(peer.grid, peer.name, peer);
      return Promise.resolve({});
    }),
    session: (call: ServerDuplexStream<wire.FromNode, wire.FromMaster>) => {
      try {
        const peer = requireAgent(call);
        enrolment.admit(peer.grid, peer.name, peer);
        sessions.accept(peer, masterWire(call));
      } catch (error) {
        call.on('error', () => undefined);
        call.emit('error', toStatus(error));
      }
    },
  };
}
