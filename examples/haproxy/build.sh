#!/bin/sh
# An image of this machine's own HAProxy (Debian's haproxy and busybox-static), for nodes that cannot pull haproxy:3.4.
#   examples/haproxy/build.sh kontena-haproxy:1
set -eu
image=${1:?"write the name of the image: examples/haproxy/build.sh kontena-haproxy:1"}
program=$(command -v haproxy || echo /usr/sbin/haproxy)
context=$(mktemp -d)
trap 'rm -rf "$context"' EXIT
for file in "$program" $(ldd "$program" | grep -o '/[^ ]*'); do
  mkdir -p "$context/root$(dirname "$file")"
  cp -L "$file" "$context/root$file"
done
cp /bin/busybox "$(dirname "$0")/Dockerfile" "$context"
docker build -q -t "$image" "$context"
