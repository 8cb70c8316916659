#!/bin/sh
# One service of the shop, by the name it is given: web asks api, api asks db, worker sends orders to api. They know each other by name alone.
here="$KONTENA_SERVICE_NAME-$KONTENA_SERVICE_INSTANCE_NUMBER on $KONTENA_NODE_NAME"

# Pages are programs: the server runs /www/cgi-bin/NAME for a request of /cgi-bin/NAME.
page() { # NAME, its text on stdin
  busybox mkdir -p /www/cgi-bin
  { printf '#!/bin/sh\nprintf "Content-Type: text/plain\\r\\n\\r\\n"\n'; busybox cat; } > "/www/cgi-bin/$1"
  busybox chmod +x "/www/cgi-bin/$1"
}
# A page of another service. (The time-out of wget itself needs libraries that are not here.)
get='busybox timeout 3 busybox wget -q -O -'

serve() {
  echo "listening on port 8080"
  # Process 1 gets no signal that it does not ask for: without the trap, every stop would take the whole grace period.
  trap 'exit 0' TERM INT
  busybox httpd -f -p 8080 -h /www &
  wait
}

case "$1" in
  web)
    page shop <<PAGE
echo "web:  $here"
$get http://api:8080/cgi-bin/orders || echo "api does not answer"
PAGE
    serve ;;
  api)
    page orders <<PAGE
echo "api:  $here"
$get http://db:8080/cgi-bin/count || echo "db does not answer"
PAGE
    page order <<PAGE
$get http://db:8080/cgi-bin/add
PAGE
    serve ;;
  db)
    busybox mkdir -p /data
    page count <<PAGE
echo "db:   $here: \$(busybox wc -l < /data/orders) orders"
PAGE
    page add <<PAGE
busybox date -u >> /data/orders && echo ordered
PAGE
    : >> /data/orders
    serve ;;
  worker)
    trap 'exit 0' TERM INT
    while true; do
      $get http://api:8080/cgi-bin/order || echo "api does not answer"
      busybox sleep "${EVERY_SECONDS:-1}" & wait $!
    done ;;
  *)
    echo "there is no \"$1\" in this shop: web, api, db or worker" >&2
    exit 2 ;;
esac
