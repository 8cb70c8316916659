# Shared by the scripts: what this project needs of a machine, and how to get it. Sourced by bash; prints nothing when all is there.

# Node 20.19 is the oldest that every dependency runs on.
NODE_AT_LEAST=20.19.0

say() { printf '%s\n' "$*" >&2; }
fail() { say "error: $1"; shift; for line in "$@"; do say "$line"; done; exit 1; }
has() { command -v "$1" >/dev/null 2>&1; }
is_at_least() { [ "$(printf '%s\n%s\n' "$1" "$2" | sort -V | head -n 1)" = "$2" ]; }

# Each prints the Debian packages whose programs are not here.
lacking() { # COMMAND=PACKAGE…
  local pair
  for pair in "$@"; do has "${pair%%=*}" || printf '%s ' "${pair#*=}"; done
}
# better-sqlite3 is compiled where no ready-made binary can be had.
for_build() { lacking g++=g++ make=make python3=python3 git=git; }
for_engine() { lacking docker=docker.io dockerd=docker.io iptables=iptables ps=procps ip=iproute2 nft=nftables wg=wireguard-tools wireguard-go=wireguard-go; is_static /bin/busybox || printf 'busybox-static '; }
for_tests() { lacking haproxy=haproxy docker-registry=docker-registry nsenter=util-linux tcpdump=tcpdump iperf3=iperf3 dig=bind9-dnsutils script=bsdutils curl=curl ssh=openssh-client openssl=openssl pebble=pebble ss=iproute2 prometheus=prometheus; [ -x /usr/sbin/sshd ] || printf 'openssh-server '; }
is_static() { [ -x "$1" ] && ! ldd "$1" >/dev/null 2>&1; }

as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"
  elif has sudo; then sudo "$@"
  else fail "\"$*\" needs root, and there is no sudo" "Run this as root, or install sudo."; fi
}

install_missing() { # PACKAGE…
  local packages
  packages=$(printf '%s\n' $1 | sort -u | tr '\n' ' ')
  [ -n "${packages// /}" ] || return 0
  has apt-get || fail "these lack, and there is no apt-get to install them: $packages" "Install them as your system does, then try again."
  say "Installing $packages"
  as_root env DEBIAN_FRONTEND=noninteractive apt-get update -qq
  # From Debian 13 on the engine's client is a package of its own.
  case " $packages" in *' docker.io '*) ! apt-cache show docker-cli >/dev/null 2>&1 || packages="$packages docker-cli" ;; esac
  # shellcheck disable=SC2086  # a list of words on purpose
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $packages >&2
  # Installed for its program: nobody asked for a door to this machine.
  case " $packages " in *' openssh-server '*) ! has systemctl || as_root systemctl disable --now ssh >/dev/null 2>&1 || true ;; esac
  case " $packages " in *' prometheus '*) ! has systemctl || as_root systemctl disable --now prometheus >/dev/null 2>&1 || true ;; esac
  case " $packages " in *' haproxy '*) ! has systemctl || as_root systemctl disable --now haproxy >/dev/null 2>&1 || true ;; esac
}

require_node() {
  if ! has node || ! has npm; then install_missing "nodejs npm"; fi
  local version
  version=$(node -p process.versions.node)
  is_at_least "$version" "$NODE_AT_LEAST" || fail "Node $version is too old: $NODE_AT_LEAST or newer is needed" \
    "Install Node 20, 22 or 24 (https://nodejs.org, or Debian 13 and newer: apt-get install nodejs npm)."
}

# The C++ headers of this very Node, so that nothing is downloaded to compile against; empty when there are none.
node_headers() {
  local node prefix
  node=$(readlink -f "$(command -v node)")
  for prefix in "$(dirname "$(dirname "$node")")" /usr /usr/local; do
    if grep -qs "define NODE_MODULE_VERSION $(node -p process.versions.modules)\$" "$prefix/include/node/node_version.h"; then printf '%s' "$prefix"; return; fi
  done
}

install_modules() {
  if [ -f node_modules/.package-lock.json ] && [ ! package-lock.json -nt node_modules/.package-lock.json ]; then return 0; fi
  local headers
  headers=$(node_headers)
  if [ -z "$headers" ] && has dpkg && dpkg -S "$(readlink -f "$(command -v node)")" 2>/dev/null | grep -q '^nodejs:'; then
    install_missing libnode-dev
    headers=$(node_headers)
  fi
  say "Installing the packages of package-lock.json (compiles SQLite, about a minute)"
  # Nobody's own npm settings decide here. A ready-made binary is not looked for: where there are headers, compiling always works.
  if [ -n "$headers" ]; then export npm_config_nodedir="$headers"; fi
  JOBS=$(nproc) npm ci --loglevel=error --no-fund --no-audit </dev/null >&2
}
