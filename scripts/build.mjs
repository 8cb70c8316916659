// Makes dist/: kontenactl.cjs (the command line, with its list of commands and its machine code beside it), master.mjs
// and agent.mjs (the programs), each one file with all it needs but native code; and stacks/, which ship with them. Names as arguments make only those.
import { cp, mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { loadBundle } from '../bin/load-bundle.js';
import { startEmptyMaster } from './empty-master.mjs';

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
await cp(join(root, 'stacks'), join(dist, 'stacks'), { recursive: true });
if (isWanted('kontenactl')) await buildCommandLine(join(dist, 'kontenactl.cjs'));
for (const name of ['master', 'agent'].filter(isWanted)) await buildProgram(name);

/** CommonJS packages inside an ECMAScript bundle call `require` for what Node brings. */
async function buildProgram(name) {
  const banner = { js: "import { createRequire as makeRequire } from 'node:module'; const require = makeRequire(import.meta.url);" };
  await build({ ...shared, format: 'esm', banner, entryPoints: [`src/main/${name}.ts`], outfile: join(dist, `${name}.mjs`) });
}

async function buildCommandLine(path) {
  // every import() becomes a require: machine code from the cache cannot import dynamically
  const { outputFiles } = await build({ ...shared, supported: { 'dynamic-import': false }, format: 'cjs', entryPoints: ['src/cli/index.ts'], outfile: path, write: false });
  await replace(path, asciiOf(outputFiles[0].text));
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

/** Goes the way of usual commands to their end. */
async function warmUp({ realHost, runCommandLine }) {
  const contexts = join(tmpdir(), `kontena-build-${process.pid}.yaml`);
  const master = await startEmptyMaster();
  await writeFile(contexts, `current: empty\ncontexts: [${JSON.stringify({ name: 'empty', ...master.credential })}]\n`, { mode: 0o600 });
  const silent = { isTerminal: false, columns: undefined, write: () => undefined };
  const host = { ...realHost(dist, (url) => import(url)), env: { KONTENA_CONFIG: contexts }, out: silent, err: silent };
  for (const line of ['get services', 'context list']) {
    if ((await runCommandLine(line.split(' '), dist, host)) !== 0) throw new Error(`kontenactl ${line} failed`);
  }
  await rm(contexts);
  master.close();
}

/** Everything else is escaped already, but for what stands in regular expressions; there both forms mean the same. */
function asciiOf(code) {
  return code.replace(/[^\0-\x7f]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/** Written beside and renamed, so that a command that starts now reads the old file or the new one. */
async function replace(path, content) {
  await writeFile(`${path}.new`, content);
  await rename(`${path}.new`, path);
}
