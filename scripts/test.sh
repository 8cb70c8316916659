#!/usr/bin/env bash
# The whole check, in the order in which faults are cheapest to find. Goes on after a failure, so that one run tells all.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

rm -rf .results
failed=()
step() { # TARGET
  local started=$SECONDS
  echo "== make $1"
  if make --no-print-directory "$1"; then echo "== make $1: ok ($((SECONDS - started)) s)"; else failed+=("$1"); echo "== make $1: FAILED ($((SECONDS - started)) s)"; return 1; fi
}

step setup && step build && for target in lint unit simulation e2e; do step "$target"; done
[ ${#failed[@]} = 0 ] || echo "failed: ${failed[*]}"
node scripts/sum-tests.mjs .results || exit 1
[ ${#failed[@]} = 0 ]
