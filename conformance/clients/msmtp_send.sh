#!/bin/sh
# msmtp_send.sh HOST PORT SENDER MESSAGE RECIPIENT...: delivers a file with msmtp; with TLS=yes not without STARTTLS and a certificate by
# $CA, with AUTH=yes as $AUTH_USER.
host=$1 port=$2 sender=$3 message=$4
shift 4
tls=off method=cram-md5 # in clear it uses none of those in the probe by its own choice
[ -z "$TLS" ] || tls=on method=on
[ -z "$AUTH" ] || set -- --auth=$method --user="$AUTH_USER" --passwordeval='printf "%s\n" "$AUTH_PASSWORD"' -- "$@"
[ -n "$AUTH" ] || set -- -- "$@"
[ -z "$TLS" ] || set -- --tls-trust-file="$CA" "$@"
exec msmtp --file=/dev/null --host="$host" --port="$port" --domain=client.example --from="$sender" --timeout=5 --tls="$tls" "$@" <"$message"
