// Makes dist/: kontenactl.mjs (the command line), master.mjs and agent.mjs (the programs), each with all it needs
// but native code, and the list of commands that oclif reads in place of loading them all.
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { join } from 'node:path';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('..', import.meta.url));
const dist = join(root, 'dist');
const programs = process.argv.slice(2);

/** CommonJS packages inside the bundles call `require` for what Node brings. */
const banner = "import { createRequire as makeRequire } from 'node:module'; const require = makeRequire(import.meta.url);";

/** Native code, and what packages try to load but do without. */
const external = [
  'better-sqlite3', 'cpu-features', 'ssh2', '*.node',
  'typescript', 'ts-node', 'tsx', // oclif, cosmiconfig: only while sources are TypeScript
  'js-yaml', 'parse-json', 'import-fresh', // cosmiconfig: its own loaders, in place of which it is given ours
  '@grpc/proto-loader', // grpc-js: only for channelz, which we do not serve
];

const shared = {
  absWorkingDir: root, bundle: true, platform: 'node', target: 'node20.19', format: 'esm', outdir: dist, outExtension: { '.js': '.mjs' },
  banner: { js: banner }, external, minify: true, logLevel: 'warning', legalComments: 'none',
};

const wanted = (name) => programs.length === 0 || programs.includes(name);
await mkdir(dist, { recursive: true });
if (wanted('kontenactl')) {
  await rm(join(dist, 'parts'), { recursive: true, force: true });
  // What a command needs only sometimes (gRPC, YAML, the reader of stack files) lies in parts of its own.
  await build({ ...shared, entryPoints: { kontenactl: 'src/cli/index.ts' }, splitting: true, chunkNames: 'parts/[name]-[hash]' });
  await listCommands();
}
for (const name of ['master', 'agent'].filter(wanted)) await build({ ...shared, entryPoints: { [name]: `src/main/${name}.ts` } });

/** Written beside the bundle and renamed, so that a command that starts now reads the old list or the new one. */
async function listCommands() {
  process.env.NODE_ENV = 'production';
  const { loadHelp } = await import(pathToFileURL(join(dist, 'kontenactl.mjs')).href);
  const config = await loadHelp(dist, { ignoreManifest: true });
  const { commands, version } = config.plugins.get(config.name).manifest;
  const path = join(dist, 'oclif.manifest.json');
  await writeFile(`${path}.new`, JSON.stringify({ commands, version }));
  await rename(`${path}.new`, path);
}
