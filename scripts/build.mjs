// Makes dist/: kontenactl.cjs (the command line, with its list of commands and its machine code beside it), master.mjs
// and agent.mjs (the programs), each one file with all it needs but native code. Names as arguments make only those.
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { loadBundle } from '../bin/load-bundle.js';

const root = fileURLToPath(new URL('..', import.meta.url));
const dist = join(root, 'dist');
const names = process.argv.slice(2);
const isWanted = (name) => names.length === 0 || names.includes(name);

const shared = {
  absWorkingDir: root, bundle: true, platform: 'node', target: 'node20.19', minify: true, legalComments: 'none', logLevel: 'warning',
  external: [
    'better-sqlite3', 'cpu-features', 'ssh2', '*.node',
    'typescript', 'ts-node', 'tsx', // oclif and cosmiconfig: only while sources are TypeScript
    'js-yaml', 'parse-json', 'import-fresh', // cosmiconfig: its own loaders, in place of which it is given ours
    '@grpc/proto-loader', // grpc-js: only for channelz, which nobody serves here
  ],
};

await mkdir(dist, { recursive: true });
if (isWanted('kontenactl')) await buildCommandLine(join(dist, 'kontenactl.cjs'));
for (const name of ['master', 'agent'].filter(isWanted)) await buildProgram(name);

/** CommonJS packages inside an ECMAScript bundle call `require` for what Node brings. */
async function buildProgram(name) {
  const banner = { js: "import { createRequire as makeRequire } from 'node:module'; const require = makeRequire(import.meta.url);" };
  await build({ ...shared, format: 'esm', banner, entryPoints: [`src/main/${name}.ts`], outfile: join(dist, `${name}.mjs`) });
}

async function buildCommandLine(path) {
  // every import() becomes a require: machine code from the cache cannot import dynamically
  await build({ ...shared, supported: { 'dynamic-import': false }, format: 'cjs', entryPoints: ['src/cli/index.ts'], outfile: path });
  process.env.NODE_ENV = 'production';
  await replace(`${path}.cache`, '');
  const { script, exports } = loadBundle(path);

  // what oclif would otherwise gather from all commands each time it shows a help
  const list = join(dist, 'oclif.manifest.json');
  await rm(list, { force: true });
  const config = await exports.loadHelp(dist);
  const { commands, version } = config.plugins.get(config.name).manifest;
  await replace(list, JSON.stringify({ commands, version }));

  // what has run by now is what the machine code is kept of
  await warmUp(exports);
  await replace(`${path}.cache`, script.createCachedData());
}

/** Goes the way of a usual command, up to a credential that opens nothing. */
async function warmUp({ realHost, runCommandLine }) {
  const contexts = join(tmpdir(), `kontena-build-${process.pid}.yaml`);
  await writeFile(contexts, 'current: none\ncontexts: [{name: none, server: "localhost:1", ca: none, certificate: none, key: none}]\n');
  const silent = { isTerminal: false, columns: undefined, write: () => undefined };
  const host = { ...realHost(dist, (url) => import(url)), env: { KONTENA_CONFIG: contexts }, out: silent, err: silent };
  for (const line of ['get services', 'context list', 'nothing']) await runCommandLine(line.split(' '), dist, host);
  await rm(contexts);
}

/** Written beside and renamed, so that a command that starts now reads the old file or the new one. */
async function replace(path, content) {
  await writeFile(`${path}.new`, content);
  await rename(`${path}.new`, path);
}
