/** Unit tests lie beside what they test; simulation and real engines in e2e/ are started by their own make targets. */
export default {
  testEnvironment: 'node',
  testMatch: ['<rootDir>/{src,controllers,e2e}/**/*.test.ts'],
  // A process keeps the compiled patterns of all files that it has run, for which V8 has 128 MB: beyond, it aborts. So a worker makes way for a new one.
  workerIdleMemoryLimit: '300MB',
  extensionsToTreatAsEsm: ['.ts'],
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': '$1' },
  transform: {
    '^.+\\.ts$': ['@swc/jest', { jsc: { target: 'es2022', parser: { syntax: 'typescript' }, experimental: { keepImportAttributes: true } }, module: { type: 'es6' } }],
  },
};
