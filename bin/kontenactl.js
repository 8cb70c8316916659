#!/usr/bin/env node
import { fileURLToPath } from 'node:url';

// oclif looks for TypeScript sources in any other mode, which costs time and finds nothing
process.env.NODE_ENV = 'production';

const folder = fileURLToPath(new URL('../dist', import.meta.url));
const { realHost, runCommandLine } = await import('../dist/kontenactl.mjs');
const code = await runCommandLine(process.argv.slice(2), folder, realHost(folder));
// not process.exit: what is written may still be on its way, and a master may have begun here
if (code !== 0) process.exitCode = code;
