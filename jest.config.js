/** Unit tests lie beside what they test; simulation and real engines in e2e/ are started by their own make targets. */
export default {
  testEnvironment: 'node',
  testTimeout: 30_000, // a processor that others use too is no fault; what hangs is found all the same
  testMatch: ['<rootDir>/{src,controllers,e2e}/**/*.test.ts'],
  extensionsToTreatAsEsm: ['.ts'],
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': '$1' },
  transform: {
    '^.+\\.ts$': ['@swc/jest', { jsc: { target: 'es2022', parser: { syntax: 'typescript' }, experimental: { keepImportAttributes: true } }, module: { type: 'es6' } }],
  },
};
