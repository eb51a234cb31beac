#!/bin/sh
# curl_send.sh HOST PORT SENDER MESSAGE RECIPIENT...: delivers a file with curl; with TLS=yes not without STARTTLS.
host=$1 port=$2 sender=$3 message=$4
shift 4
for each; do
  set -- "$@" --mail-rcpt "$each"
  shift
done
exec curl --silent --show-error --max-time 10 --url "smtp://$host:$port/client.example" --mail-from "$sender" "$@" --upload-file "$message" \
  ${TLS:+--ssl-reqd --insecure}
