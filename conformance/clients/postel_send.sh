#!/bin/sh
# postel_send.sh POSTEL HOST PORT SENDER MESSAGE RECIPIENT...: delivers a file with `postel send`, every octet as it is; with TLS=yes not
# without STARTTLS.
postel=$1 host=$2 port=$3 sender=$4 message=$5
shift 5
for each; do
  set -- "$@" --to "$each"
  shift
done
tls=none
[ -z "$TLS" ] || tls=required
set -- "$@" --tls "$tls"
[ -z "$TLS" ] || set -- "$@" --insecure
exec "$postel" send --strict-line-ends --helo client.example --timeout 5 --from "$sender" "$@" "$host:$port" "$message"
