#!/usr/bin/env node
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { loadBundle } from './load-bundle.js';

// oclif looks for TypeScript sources in any other mode, which costs time and finds nothing
process.env.NODE_ENV = 'production';

const bundle = fileURLToPath(new URL('../dist/kontenactl.cjs', import.meta.url));
const { realHost, runCommandLine } = loadBundle(bundle).exports;
const programs = dirname(bundle);
const code = await runCommandLine(process.argv.slice(2), programs, realHost(programs, (url) => import(url)));
// not process.exit: what is written may still be on its way, and a master may have begun here
if (code !== 0) process.exitCode = code;
