#!/bin/sh
# swaks_send.sh HOST PORT SENDER MESSAGE RECIPIENT...: delivers a file with swaks; with AUTH=yes as $AUTH_USER.
host=$1 port=$2 sender=$3 message=$4
shift 4
recipients=$1
shift
for each; do recipients=$recipients,$each; done
set --
[ -z "$AUTH" ] || set -- --auth --auth-user "$AUTH_USER" --auth-password "$AUTH_PASSWORD"
# swaks reads lines that end with LF, and a last one of one dot ends the message: without it swaks adds a line end of its own.
{
  sed 's/\r$//' "$message"
  [ -n "$(tail -c 1 "$message")" ] || echo .
} | swaks --server "$host" --port "$port" --ehlo client.example --from "${sender:-<>}" --to "$recipients" --data - --hide-all "$@"
