#!/usr/bin/env bash
# make demo: from nothing to stacks that answer on this machine, one of them behind a load balancer. Run again, it does only what is missing.
#   scripts/demo.sh up     install, build, start, apply, and leave it running
#   scripts/demo.sh down   remove the cluster, its containers, and the engine where the demo started it
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
. scripts/common.sh

folder=${KONTENA_DEMO_DIR:-$HOME/.kontena/demo}
own_socket=unix://$folder/docker.sock
# The balancer listens here, and instances on the three ports above.
base_port=${BASE_PORT:-8080}
kontenactl() { node bin/kontenactl.js "$@"; }
tell() { printf '  %-69s  %s\n' "$1" "$2"; }
step() { printf '\n== %s\n' "$*"; }

answers() { docker -H "$1" version >/dev/null 2>&1; }

# The engine to use: the one DOCKER_HOST names, the machine's own, the demo's of an earlier run, else a new one.
find_engine() {
  engine=${DOCKER_HOST:-unix:///var/run/docker.sock}
  if answers "$engine"; then return; fi
  if [ -n "${DOCKER_HOST:-}" ]; then fail "no engine answers at DOCKER_HOST=$DOCKER_HOST" "Start it, or unset DOCKER_HOST."; fi
  if [ -S /var/run/docker.sock ] && [ ! -w /var/run/docker.sock ]; then
    fail "you may not use the engine at /var/run/docker.sock" "Run this as root, or join the group docker and log in again."
  fi
  engine=$own_socket
  answers "$engine" || start_engine
}

start_engine() {
  step "Starting a Docker Engine in $folder"
  mkdir -p "$folder"
  # Names of its own where the machine runs a containerd already; the group lets this user in.
  as_root setsid dockerd --data-root "$folder/data" --exec-root "$folder/exec" -H "$own_socket" -G "$(id -gn)" -p "$folder/dockerd.pid" \
    --containerd-namespace kontena-demo --containerd-plugins-namespace kontena-demo-plugins </dev/null >"$folder/dockerd.log" 2>&1 &
  for _ in $(seq 150); do if answers "$own_socket"; then return; fi; sleep 0.2; done
  tail -n 5 "$folder/dockerd.log" >&2
  fail "the engine does not answer within 30 s" "Read $folder/dockerd.log."
}

stop_engine() {
  local pid
  pid=$(cat "$folder/dockerd.pid" 2>/dev/null) || return 0
  if ! tr '\0' ' ' <"/proc/$pid/cmdline" 2>/dev/null | grep -qF "$folder"; then return 0; fi
  as_root kill "$pid"
  for _ in $(seq 100); do [ -d "/proc/$pid" ] || break; sleep 0.2; done
}

# An engine that has ended leaves mounts behind, its network namespace for one, and what is mounted cannot be removed.
remove_folder() {
  local mounted
  while read -r mounted; do as_root umount "$mounted"; done < <(mounts_below "$(realpath "$folder")" | tac)
  as_root rm -rf "$folder"
}
mounts_below() { findmnt -rno TARGET | while read -r target; do case $(printf '%b' "$target") in "$1"/*) printf '%b\n' "$target" ;; esac; done; }

build_image() { # EXAMPLE
  local context
  context=$(mktemp -d)
  cp "examples/$1"/* /bin/busybox "$context"
  docker -H "$engine" build -q -t "kontena-$1:1" "$context" 2>/dev/null || docker -H "$engine" build -t "kontena-$1:1" "$context"
  rm -rf "$context"
}

up() {
  step "Looking for what is missing"
  require_node
  install_missing "$(for_build) $(for_engine) $(lacking curl=curl haproxy=haproxy)"
  install_modules
  find_engine
  step "Building"
  make --no-print-directory build
  step "Building images from examples/hello and examples/shop, and one of this machine's HAProxy"
  build_image hello
  build_image shop
  DOCKER_HOST=$engine examples/haproxy/build.sh kontena-haproxy:1
  step "Starting a master and an agent"
  kontenactl dev up --docker "$engine"
  step "Applying examples/hello/stack.yml"
  kontenactl apply -f examples/hello/stack.yml -v base_port="$base_port"
  step "Applying examples/shop/stack.yml: a balancer, and four services that know each other by name"
  kontenactl apply -f examples/shop/stack.yml -v port="$base_port" -v balancer_image=kontena-haproxy:1
  step "What runs, and what is served by whom"
  kontenactl get instances
  echo
  kontenactl get routes
  echo
  for port in $((base_port + 1)) $((base_port + 2)) $((base_port + 3)); do printf '$ curl localhost:%s\n%s\n' "$port" "$(curl -fsS --retry 5 --retry-connrefused --retry-delay 1 --noproxy '*' "localhost:$port")"; done
  printf '$ curl localhost:%s/cgi-bin/shop\n%s\n' "$base_port" "$(curl -fsS --retry 5 --retry-all-errors --retry-delay 1 --noproxy '*' "localhost:$base_port/cgi-bin/shop")"
  local docker=docker
  [ "$engine" = unix:///var/run/docker.sock ] || docker="docker -H $engine"
  echo
  echo 'It goes on running. Things to try:'
  tell "$docker ps" 'the containers; kill one, and look again'
  tell 'bin/kontenactl.js get instances' 'what runs where'
  tell 'bin/kontenactl.js scale hello/web 5' "two more, on ports $((base_port + 4)) and $((base_port + 5))"
  tell 'bin/kontenactl.js logs hello/web' 'what they print'
  tell 'bin/kontenactl.js apply -f examples/hello/stack.yml -v greeting=Moi' 'another greeting, one instance at a time'
  tell "curl localhost:$base_port/cgi-bin/shop" 'through the balancer; each time another instance answers'
  tell 'bin/kontenactl.js describe route shop/web' 'what the balancer sends to, and why not'
  echo 'To stop it:'
  tell 'bin/kontenactl.js dev down' 'the master and the agent; containers and data stay'
  tell 'make demo-down' 'everything: containers, data, and the engine if the demo started it'
}

down() {
  # what runs on the demo's engine is removed by that engine
  if [ -d "$folder/data" ] && ! answers "$own_socket"; then start_engine; fi
  [ ! -d dist ] || kontenactl dev down --purge --yes
  stop_engine
  [ ! -d "$folder" ] || remove_folder
}

case "${1:-up}" in
  up) up ;;
  down) down ;;
  *) fail "there is no \"$1\"" "Write up or down." ;;
esac
