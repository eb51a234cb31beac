#!/bin/sh
# msmtp_send.sh HOST PORT SENDER MESSAGE RECIPIENT...: delivers a file with msmtp; with TLS=yes not without STARTTLS.
host=$1 port=$2 sender=$3 message=$4
shift 4
tls=off
[ -z "$TLS" ] || tls=on
exec msmtp --file=/dev/null --host="$host" --port="$port" --domain=client.example --from="$sender" --timeout=5 \
  --tls="$tls" --tls-certcheck=off -- "$@" <"$message"
