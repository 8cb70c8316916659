#!/usr/bin/env bash
# Installs what lacks, and only what lacks: Debian packages for building and testing, then the packages of the lock file.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
. scripts/common.sh

require_node
install_missing "$(for_build) $(for_engine) $(for_tests)"
install_modules
