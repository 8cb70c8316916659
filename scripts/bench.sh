#!/usr/bin/env bash
# make bench: all measurements, or those named: scripts/bench.sh [store] [year] [scheduler] [fanout] [endpoints] [idle] [engine] [agent] [names] [overlay] [served] [balancer]
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
. scripts/common.sh

require_node
install_missing "$(for_build) $(for_engine) $(for_tests) $(lacking h2load=nghttp2-client)"
install_modules
make --no-print-directory build
mkdir -p .results
bundle() { npx esbuild "e2e/bench/$1.ts" --bundle --packages=external --platform=node --format=esm --target=node20 --outfile=".results/$2.mjs" --log-level=warning; }
bundle main bench
bundle name-server bench-name-server
exec node .results/bench.mjs "$@"
