#!/usr/bin/env bash
# make mutants: plants each fault of e2e/mutants/faults in a copy of the project and runs what must notice it; or those named.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
. scripts/common.sh

require_node
install_modules
mkdir -p .results
npx esbuild e2e/mutants/main.ts --bundle --packages=external --platform=node --format=esm --target=node20 --outfile=.results/mutants.mjs --log-level=warning
exec node .results/mutants.mjs "$@"
