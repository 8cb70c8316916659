#!/usr/bin/env node
'use strict';
// CommonJS, as Node has that at hand when it starts: loading its other loader takes a seventh of an empty program's time.
const { dirname, join } = require('node:path');
const { loadBundle } = require('./load-bundle.js');

// oclif looks for TypeScript sources in any other mode, which costs time and finds nothing
process.env.NODE_ENV = 'production';

const bundle = join(__dirname, '..', 'dist', 'kontenactl.cjs');
const { realHost, runCommandLine } = loadBundle(bundle).exports;
const programs = dirname(bundle);
const host = realHost(programs, (url) => import(url));
runCommandLine(process.argv.slice(2), programs, host).then((exitCode) => host.end(exitCode));
