import { ERRORS, type ErrorCode, LOG_STREAMS, type LogLine, type LogSubject, type NodeQuestion } from '../../model/index.js';
import type * as wire from '../gen/kontena/v1/node.js';
import type { StreamData, StreamMessage, StreamRequest } from '../session/messages.js';
import { LOG_LINE_CHARACTERS, LOG_LINES, NAME_CHARACTERS, REASON_CHARACTERS } from '../limits.js';
import { answerFrom, answerTo, volumeFrom, volumeTo } from './node-answers.js';
import { searchFrom, searchTo } from './logs.js';
import { oneOf } from './words.js';
import { programCallFrom, programCallTo, programInputFrom, programInputTo, programOutputFrom, programOutputTo } from './program.js';

export type OnWire = Extract<NonNullable<wire.FromNode['message']>, { $case: `stream${string}` }>;

/** Whether a message on the wire is one of a stream. */
export const isOnWire = (message: { readonly $case: string }): message is OnWire => message.$case.startsWith('stream');

/** What either end says of a stream, as it is put on the wire. */
export function streamTo(message: StreamMessage): OnWire {
  switch (message.type) {
    case 'streamOpen':
      return { $case: 'streamOpen', value: { id: message.id, credit: message.credit, request: requestTo(message.request) } };
    case 'streamData':
      return { $case: 'streamData', value: { id: message.id, data: dataTo(message.data) } };
    case 'streamCredit':
      return { $case: 'streamCredit', value: message };
    case 'streamEnd':
      return { $case: 'streamEnd', value: message };
    case 'streamClose':
      return { $case: 'streamClose', value: { id: message.id, errorCode: message.error?.code ?? '', errorMessage: message.error?.message ?? '' } };
  }
}

export function streamFrom(message: OnWire): StreamMessage {
  switch (message.$case) {
    case 'streamOpen':
      return { type: 'streamOpen', id: message.value.id, credit: message.value.credit, request: requestFrom(message.value.request) };
    case 'streamData':
      return { type: 'streamData', id: message.value.id, data: dataFrom(message.value.data) };
    case 'streamCredit':
      return { type: 'streamCredit', ...message.value };
    case 'streamEnd':
      return { type: 'streamEnd', ...message.value };
    case 'streamClose': {
      const { id, errorCode, errorMessage } = message.value;
      return { type: 'streamClose', id, ...(errorCode === '' ? {} : { error: { code: errorCodeFrom(errorCode), message: errorMessage.slice(0, REASON_CHARACTERS) } }) };
    }
  }
}

function requestTo(request: StreamRequest): wire.StreamOpen['request'] {
  switch (request.kind) {
    case 'logs':
      return { $case: 'logs', value: { ...request.subject, ...searchTo(request.search) } };
    case 'dial':
      return { $case: 'dial', value: { instance: request.instance, port: request.port } };
    case 'exec':
      return { $case: 'exec', value: { instance: request.instance, call: programCallTo(request.call) } };
    case 'attach':
      return { $case: 'attach', value: { instance: request.instance } };
    case 'pack':
    case 'unpack':
      return { $case: request.kind, value: { instance: request.instance, path: request.path } };
    case 'read-volume':
      return { $case: 'readVolume', value: { name: request.name } };
    case 'write-volume':
      return { $case: 'writeVolume', value: volumeTo(request.volume) };
    case 'ask':
      return questionTo(request.question);
    case 'unknown':
      return undefined;
  }
}

function requestFrom(request: wire.StreamOpen['request']): StreamRequest {
  if (request === undefined) return { kind: 'unknown' };
  if (isQuestion(request)) return { kind: 'ask', question: questionFrom(request) };
  switch (request.$case) {
    case 'logs': {
      const { kind, name } = request.value;
      return { kind: 'logs', subject: { kind: oneOf('kind', SUBJECTS, kind), name }, search: searchFrom(request.value) };
    }
    case 'dial':
      return { kind: 'dial', ...request.value };
    case 'exec':
      return { kind: 'exec', instance: request.value.instance, call: programCallFrom(request.value.call) };
    case 'attach':
      return { kind: 'attach', instance: request.value.instance };
    case 'pack':
    case 'unpack':
      return { kind: request.$case, ...request.value };
    case 'readVolume':
      return { kind: 'read-volume', name: request.value.name };
    case 'writeVolume':
      return { kind: 'write-volume', volume: volumeFrom(request.value) };
  }
}

type WireRequest = NonNullable<wire.StreamOpen['request']>;
const NO_QUESTIONS = ['logs', 'dial', 'exec', 'attach', 'pack', 'unpack', 'readVolume', 'writeVolume'] as const;
type WireQuestion = Exclude<WireRequest, { $case: (typeof NO_QUESTIONS)[number] }>;

const isQuestion = (request: WireRequest): request is WireQuestion => !NO_QUESTIONS.some((kind) => kind === request.$case);

function questionFrom(question: WireQuestion): NodeQuestion {
  switch (question.$case) {
    case 'checks':
      return { kind: 'checks', ...question.value };
    case 'look':
      return { kind: 'look', ...question.value };
    case 'network':
      return { kind: 'network', isProbed: question.value.isProbed };
    case 'lookup':
      return { kind: 'lookup', name: question.value.name };
    case 'rotateKeys':
      return { kind: 'rotate-keys' };
    case 'listVolumes':
      return { kind: 'volumes' };
    case 'weighVolume':
      return { kind: 'weigh-volume', name: question.value.name };
    case 'removeVolumes':
      return { kind: 'remove-volumes', names: question.value.names };
  }
}

function questionTo(question: NodeQuestion): wire.StreamOpen['request'] {
  switch (question.kind) {
    case 'network':
      return { $case: 'network', value: { isProbed: question.isProbed } };
    case 'lookup':
      return { $case: 'lookup', value: { name: question.name } };
    case 'rotate-keys':
      return { $case: 'rotateKeys', value: {} };
    case 'checks':
      return { $case: 'checks', value: { instance: question.instance } };
    case 'look':
      return { $case: 'look', value: { instance: question.instance, path: question.path } };
    case 'volumes':
      return { $case: 'listVolumes', value: {} };
    case 'weigh-volume':
      return { $case: 'weighVolume', value: { name: question.name } };
    case 'remove-volumes':
      return { $case: 'removeVolumes', value: { names: [...question.names] } };
  }
}

function dataTo(data: StreamData): wire.StreamData['data'] {
  switch (data.kind) {
    case 'bytes':
      return { $case: 'bytes', value: Buffer.from(data.bytes.buffer, data.bytes.byteOffset, data.bytes.byteLength) };
    case 'answer':
      return { $case: 'answer', value: answerTo(data.answer) };
    case 'lines':
      return { $case: 'lines', value: { lines: data.lines.map(lineTo), isCaughtUp: data.isCaughtUp } };
    case 'output':
    case 'exit':
      return { $case: 'output', value: programOutputTo(data) };
    case 'input':
    case 'inputEnd':
    case 'resize':
    case 'signal':
      return { $case: 'input', value: programInputTo(data) };
  }
}

function dataFrom(data: wire.StreamData['data']): StreamData {
  switch (data?.$case) {
    case 'lines':
      return { kind: 'lines', lines: data.value.lines.slice(0, LOG_LINES).map(lineFrom), isCaughtUp: data.value.isCaughtUp };
    case 'answer':
      return { kind: 'answer', answer: answerFrom(data.value) };
    case 'input':
      return programInputFrom(data.value);
    case 'output':
      return programOutputFrom(data.value);
    case 'bytes':
    case undefined:
      return { kind: 'bytes', bytes: data?.value ?? new Uint8Array() };
  }
}

const SUBJECTS = ['instance', 'slot', 'service', 'stack', 'agent'] as const satisfies readonly LogSubject['kind'][];

const lineTo = ({ instance, stream, at, line, run = 0 }: LogLine): wire.NodeLogLine => ({ instance, stream, at, line, run });

const lineFrom = ({ instance, stream, at, line, run }: wire.NodeLogLine): LogLine =>
  ({ instance: instance.slice(0, NAME_CHARACTERS), stream: oneOf('stream', LOG_STREAMS, stream), at: at.slice(0, NAME_CHARACTERS), line: line.slice(0, LOG_LINE_CHARACTERS), ...(run === 0 ? {} : { run }) });

const errorCodeFrom = (code: string): ErrorCode => (Object.hasOwn(ERRORS, code) ? (code as ErrorCode) : 'KON_INTERNAL');
