#!/usr/bin/env bash
# Every rule that a machine can check. Runs all of them, then says which failed.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

generated_is_fresh() {
  local before folder stale=0
  before=$(mktemp -d)
  for folder in src/link/gen src/stackfile/gen; do mkdir -p "$before/$folder" && cp -r "$folder/." "$before/$folder"; done
  make --silent gen || stale=1
  for folder in src/link/gen src/stackfile/gen; do diff -r "$before/$folder" "$folder" || stale=1; done
  rm -rf "$before"
  [ "$stale" = 0 ] || echo "Generated code was stale; it has been made anew: look at it and commit it."
  return "$stale"
}

# A path of one machine in a tracked file works on no other.
no_machine_paths() {
  local parent
  parent=$(dirname "$PWD")
  case "$parent" in / | /tmp | /home) parent=$PWD ;; esac
  ! git grep -nIF -e "$parent/" -e "${HOME:-/nonexistent}/" -- ':!package-lock.json'
}

failed=()
check() { # TITLE COMMAND…
  local title=$1 started=$SECONDS
  shift
  if "$@"; then printf 'lint: %-36s ok (%d s)\n' "$title" $((SECONDS - started)); else failed+=("$title"); printf 'lint: %-36s FAILED\n' "$title"; fi
}

check 'types (tsc)' npx tsc --noEmit -p .
check 'style (eslint)' npx eslint .
check 'imports (dependency-cruiser)' npx depcruise --config .dependency-cruiser.cjs src controllers e2e
check 'what nobody uses (knip)' npx knip --no-progress
check 'protocol (buf lint)' npx buf lint
check 'generated code is fresh' generated_is_fresh
check 'no paths of one machine' no_machine_paths

[ ${#failed[@]} = 0 ] || { printf 'lint: failed: %s\n' "${failed[*]}"; exit 1; }
