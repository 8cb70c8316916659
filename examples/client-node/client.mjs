/**
 * A small client of a Kontena master. It knows nothing of Kontena but proto/kontena/v1/control.proto:
 * the same can be written in any language that has gRPC.
 *
 *   node client.mjs ADMIN_JSON info
 *   KONTENA_TOKEN=TOKEN node client.mjs HOST:PORT info
 *   node client.mjs ADMIN_JSON list KIND [NAME]
 *   node client.mjs ADMIN_JSON watch KIND
 *   node client.mjs ADMIN_JSON apply STACK_JSON
 *   node client.mjs ADMIN_JSON logs NAME
 */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import tls from 'node:tls';
import { fileURLToPath } from 'node:url';
import grpc from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';

const PROTO = fileURLToPath(new URL('../../proto', import.meta.url));

/** With a credential, {server, ca, certificate, key}, as the master writes one at its first start; or with a token, as a pipeline has. */
async function connect(place) {
  const { KONTENA_TOKEN: token } = process.env;
  return token === undefined ? connectWithFile(place) : connectWithToken(place, token);
}

function connectWithFile(file) {
  const { server, ca, certificate, key } = JSON.parse(readFileSync(file, 'utf8'));
  return clientOf(server, grpc.credentials.createSsl(Buffer.from(ca), Buffer.from(key), Buffer.from(certificate)));
}

/** The last part of a token is the fingerprint of the authority to trust: no other is told the rest. */
async function connectWithToken(server, token) {
  const [, , fingerprint] = token.split('.');
  const ca = await authorityOf(server, fingerprint);
  const metadata = new grpc.Metadata();
  metadata.set('authorization', `Bearer ${token}`);
  const bearer = grpc.credentials.createFromMetadataGenerator((_options, done) => done(null, metadata));
  return clientOf(server, grpc.credentials.combineChannelCredentials(grpc.credentials.createSsl(Buffer.from(ca)), bearer));
}

/** The authority's certificate (PEM), which the master shows behind its own. */
function authorityOf(server, fingerprint) {
  const [, host, port] = /^(.*):(\d+)$/.exec(server);
  return new Promise((resolve, reject) => {
    const socket = tls.connect({ host, port: Number(port), servername: 'kontena-master', ALPNProtocols: ['h2'], rejectUnauthorized: false }, () => {
      const { raw } = socket.getPeerCertificate(true).issuerCertificate;
      socket.destroy();
      if (createHash('sha256').update(raw).digest('hex') !== fingerprint) reject(new Error(`the master at ${server} is not the one that the token names`));
      else resolve(`-----BEGIN CERTIFICATE-----\n${raw.toString('base64')}\n-----END CERTIFICATE-----\n`);
    });
    socket.on('error', reject);
  });
}

function clientOf(server, credentials) {
  const definition = loadSync('kontena/v1/control.proto', { includeDirs: [PROTO], longs: Number, defaults: true, oneofs: true });
  const { Control } = grpc.loadPackageDefinition(definition).kontena.v1;
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
  console.error(`usage: node client.mjs ADMIN_JSON ${Object.keys(COMMANDS).join('|')} …\n   or: KONTENA_TOKEN=TOKEN node client.mjs HOST:PORT …`);
  process.exit(2);
}
const client = await connect(credential);
try {
  await COMMANDS[command](client, ...rest);
} catch (error) {
  // The status says what failed; its details (grpc-status-details-bin) hold a kontena.v1.ErrorDetail with code, remedy and mistakes.
  console.error(`error: ${error.details ?? error.message}`);
  process.exitCode = 1;
} finally {
  client.close();
}
