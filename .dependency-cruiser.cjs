/** Who may import whom. One rule per line of docs/architecture.md, "Who may import whom"; `comment` is what the offender reads. */
const only = (name, folder, packages) => ({
  name, severity: 'error', comment: `${packages} is known to ${folder} alone; everyone else uses its port.`,
  from: { pathNot: `^${folder}|[.]test[.]ts$|^e2e/` }, to: { path: `^node_modules/(${packages})(/|$)` },
});
/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    { name: 'no-cycles', severity: 'error', comment: 'Type-only cycles count too: they are still two files that are one idea.', from: { pathNot: '^src/link/gen/' }, to: { circular: true } },
    { name: 'model-imports-nothing', severity: 'error', from: { path: '^src/model/', pathNot: '[.]test[.]ts$' }, to: { pathNot: '^src/model/' } },
    { name: 'ports-are-types', severity: 'error', from: { path: '^src/ports/' }, to: { pathNot: '^src/(ports|model)/' } },
    { name: 'controllers-think-only', severity: 'error', comment: 'A controller may use model, ports (types), the Controller contract, xstate, and its own folder.',
      from: { path: '^controllers/([^/]+)/', pathNot: '[.]test[.]ts$' },
      to: { pathNot: ['^controllers/$1/', '^src/model/', '^src/ports/', '^src/reconcile/', '^node_modules/xstate/'] } },
    { name: 'contract-by-type-only', severity: 'error', comment: 'From ports and reconcile a controller takes types, never code.',
      from: { path: '^controllers/[^/]+/', pathNot: '[.]test[.]ts$' }, to: { path: '^src/(ports|reconcile)/', dependencyTypesNot: ['type-only'] } },
    { name: 'controllers-never-meet', severity: 'error', comment: 'Controllers meet in the store.',
      from: { path: '^controllers/([^/]+)/' }, to: { path: '^controllers/', pathNot: '^controllers/$1/' } },
    { name: 'adapters-know-ports-only', severity: 'error', comment: 'What does the work knows the ports and the model, not its neighbours.',
      from: { path: '^src/(store|runtime|link|stackfile|reconcile)/', pathNot: '[.]test[.]ts$' },
      to: { path: '^(src|controllers)/', pathNot: ['^src/$1/', '^src/model/', '^src/ports/'] } },
    { name: 'agent-knows-ports-and-the-loop', severity: 'error',
      from: { path: '^src/agent/', pathNot: '[.]test[.]ts$' }, to: { path: '^(src|controllers)/', pathNot: ['^src/(agent|model|ports|reconcile)/'] } },
    { name: 'api-knows-ports-and-stack-files', severity: 'error', comment: 'The api meets controllers in the store.',
      from: { path: '^src/api/', pathNot: '[.]test[.]ts$' }, to: { path: '^(src|controllers)/', pathNot: ['^src/(api|model|ports|stackfile)/'] } },
    { name: 'cli-knows-link-and-stack-files', severity: 'error', comment: 'The CLI starts the programs of main as processes; it does not import them.',
      from: { path: '^src/cli/', pathNot: '[.]test[.]ts$' }, to: { path: '^(src|controllers)/', pathNot: ['^src/(cli|model|ports|stackfile|link)/'] } },
    { name: 'one-door-per-folder', severity: 'error', comment: 'Import another folder by its index.ts.',
      from: { path: '^(src/[^/]+|controllers/[^/]+)/', pathNot: '[.]test[.]ts$' }, to: { path: '^(src|controllers)/[^/]+/.+', pathNot: ['^$1/', '/index[.]ts$', '^src/testing/'] } },
    { name: 'testing-is-for-tests', severity: 'error', from: { pathNot: ['[.]test[.]ts$', '^src/testing/', '^e2e/'] }, to: { path: '^src/testing/' } },
    only('sqlite-in-store', 'src/store/', 'better-sqlite3'),
    only('docker-in-runtime', 'src/runtime/', 'dockerode'),
    only('grpc-in-link', 'src/link/', '@grpc/[^/]+|@peculiar/x509'),
    only('oclif-in-cli', 'src/cli/', '@oclif/[^/]+|cosmiconfig|cli-table3|picocolors'),
    only('reading-in-stackfile', 'src/(stackfile|cli/(context|output))/', 'ajv|ajv-formats|yaml|liquidjs'),
    only('machines-in-controllers', 'controllers/', 'xstate'),
  ],
  options: {
    doNotFollow: { path: 'node_modules' }, tsPreCompilationDeps: true, tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'require', 'node', 'default', 'types'], extensionAlias: { '.js': ['.ts', '.js'] } },
  },
};
