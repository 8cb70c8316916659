'use strict';
const { readFileSync } = require('node:fs');
const { createRequire } = require('node:module');
const { dirname } = require('node:path');
const { Script } = require('node:vm');

/**
 * Evaluates a CommonJS bundle with the machine code that the build left beside it, which saves a third of the start.
 * The build leaves nothing in it but ASCII, which is read three times as fast.
 * Code of another Node is refused by V8 and made anew; without the file all goes the same way, slower.
 * Nothing in such a bundle may import dynamically: machine code from a cache does not know how.
 *
 * @param {string} path of the bundle
 * @returns {{ script: Script, exports: Record<string, unknown> }}
 */
exports.loadBundle = (path) => {
  let cachedData;
  try {
    cachedData = readFileSync(`${path}.cache`);
  } catch {
    // no more than an advantage
  }
  const source = `(function (exports, require, module, __filename, __dirname) {${readFileSync(path, 'latin1')}\n})`;
  const script = new Script(source, { filename: path, cachedData });
  const module = { exports: {} };
  script.runInThisContext()(module.exports, createRequire(path), module, path, dirname(path));
  return { script, exports: module.exports };
};
