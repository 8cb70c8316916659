/**
 * A small client of a Kontena master. It knows nothing of Kontena but proto/kontena/v1/control.proto:
 * the same can be written in any language that has gRPC.
 *
 *   node client.mjs ADMIN_JSON info
 *   node client.mjs ADMIN_JSON list KIND [NAME]
 *   node client.mjs ADMIN_JSON watch KIND
 *   node client.mjs ADMIN_JSON apply STACK_JSON
 *   node client.mjs ADMIN_JSON logs NAME
 */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import grpc from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';

const PROTO = fileURLToPath(new URL('../../proto', import.meta.url));

/** The admin credential: {server, ca, certificate, key}, as the master writes it at its first start. */
function connect(file) {
  const { server, ca, certificate, key } = JSON.parse(readFileSync(file, 'utf8'));
  const definition = loadSync('kontena/v1/control.proto', { includeDirs: [PROTO], longs: Number, defaults: true, oneofs: true });
  const { Control } = grpc.loadPackageDefinition(definition).kontena.v1;
  const credentials = grpc.credentials.createSsl(Buffer.from(ca), Buffer.from(key), Buffer.from(certificate));
  // Every master's certificate bears this name beside those it is reached by, so that any address will do.
  return new Control(server, credentials, { 'grpc.ssl_target_name_override': 'kontena-master' });
}

/** One question, one answer. */
const ask = (client, method, request) =>
  new Promise((resolve, reject) => client[method](request, (error, answer) => (error ? reject(error) : resolve(answer))));

/** proto-loader shows a google.protobuf.Struct as it is on the wire; these two turn it into JSON and back. */
function fromValue({ kind, ...value }) {
  if (kind === 'structValue') return fromStruct(value.structValue);
  if (kind === 'listValue') return value.listValue.values.map(fromValue);
  return kind === 'nullValue' || kind === undefined ? null : value[kind];
}
const fromStruct = (struct) => Object.fromEntries(Object.entries(struct?.fields ?? {}).map(([name, value]) => [name, fromValue(value)]));

function toValue(value) {
  if (value === null || value === undefined) return { nullValue: 0 };
  if (Array.isArray(value)) return { listValue: { values: value.map(toValue) } };
  if (typeof value === 'object') return { structValue: toStruct(value) };
  return { [`${typeof value === 'boolean' ? 'bool' : typeof value}Value`]: value };
}
const toStruct = (object) => ({ fields: Object.fromEntries(Object.entries(object).map(([name, value]) => [name, toValue(value)])) });

const shown = (resource) => ({ ...resource, spec: fromStruct(resource.spec), status: fromStruct(resource.status) });
const print = (value) => console.log(JSON.stringify(value));

const COMMANDS = {
  info: async (client) => print(await ask(client, 'Info', {})),
  list: async (client, kind, name = '') => {
    for await (const resource of client.List({ kind, name })) print(shown(resource));
  },
  watch: async (client, kind) => {
    for await (const { resource, isGone } of client.Watch({ kind })) print({ isGone, ...shown(resource) });
  },
  apply: async (client, file) => {
    const { name, revision } = await ask(client, 'Apply', { stack: toStruct(JSON.parse(readFileSync(file, 'utf8'))) });
    print({ name, revision });
    for await (const progress of client.Follow({ stack: name, revision })) print(progress);
  },
  logs: async (client, name) => {
    for await (const { instance, line } of client.Logs({ name, follow: false })) console.log(`${instance}  ${line}`);
  },
};

const [credential, command, ...rest] = process.argv.slice(2);
if (credential === undefined || COMMANDS[command] === undefined) {
  console.error(`usage: node client.mjs ADMIN_JSON ${Object.keys(COMMANDS).join('|')} …`);
  process.exit(2);
}
const client = connect(credential);
try {
  await COMMANDS[command](client, ...rest);
} catch (error) {
  // The status says what failed; its details (grpc-status-details-bin) hold a kontena.v1.ErrorDetail with code, remedy and mistakes.
  console.error(`error: ${error.details ?? error.message}`);
  process.exitCode = 1;
} finally {
  client.close();
}
