#!/bin/sh
# Serves one page that says which instance answers. Instances share the node's network, so each listens on a port of its own.
port=$((${BASE_PORT:-8080} + KONTENA_SERVICE_INSTANCE_NUMBER))
busybox mkdir -p /www
echo "${GREETING:-Hello} from instance $KONTENA_SERVICE_INSTANCE_NUMBER of $KONTENA_STACK_NAME on node $KONTENA_NODE_NAME ($(busybox hostname)), port $port" > /www/index.html
echo "listening on port $port"

# Process 1 gets no signal that it does not ask for: without the trap, every stop would take the whole grace period.
trap 'exit 0' TERM INT
busybox httpd -f -p "$port" -h /www &
wait
