#!/bin/sh
# curl_send.sh HOST PORT SENDER MESSAGE RECIPIENT...: delivers a file with curl; with TLS=yes not without STARTTLS and a certificate by $CA,
# with AUTH=yes as $AUTH_USER.
host=$1 port=$2 sender=$3 message=$4
shift 4
for each; do
  set -- "$@" --mail-rcpt "$each"
  shift
done
[ -z "$TLS" ] || set -- "$@" --ssl-reqd --cacert "$CA"
[ -z "$AUTH" ] || set -- "$@" --user "$AUTH_USER:$AUTH_PASSWORD"
exec curl --silent --show-error --max-time 10 --url "smtp://$host:$port/client.example" --mail-from "$sender" "$@" --upload-file "$message"
