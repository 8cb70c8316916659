#!/usr/bin/env node
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { loadBundle } from './load-bundle.js';

// oclif looks for TypeScript sources in any other mode, which costs time and finds nothing
process.env.NODE_ENV = 'production';

const bundle = fileURLToPath(new URL('../dist/kontenactl.cjs', import.meta.url));
const { realHost, runCommandLine } = loadBundle(bundle).exports;
const programs = dirname(bundle);
const host = realHost(programs, (url) => import(url));
await host.end(await runCommandLine(process.argv.slice(2), programs, host));
