#!/bin/sh
# postel_send.sh POSTEL HOST PORT SENDER MESSAGE RECIPIENT...: delivers a file with `postel send`, every octet as it is; with TLS=yes not
# without STARTTLS and a certificate by $CA, with AUTH=yes as $AUTH_USER.
postel=$1 host=$2 port=$3 sender=$4 message=$5
shift 5
for each; do
  set -- "$@" --to "$each"
  shift
done
if [ -n "$TLS" ]; then set -- "$@" --tls required --ca "$CA"; else set -- "$@" --tls none; fi
[ -z "$AUTH" ] || set -- "$@" --user "$AUTH_USER" --password-env AUTH_PASSWORD
exec "$postel" send --strict-line-ends --helo client.example --timeout 5 --from "$sender" "$@" "$host:$port" "$message"
