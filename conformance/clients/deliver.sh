#!/usr/bin/env bash
# deliver.sh POSTEL CLIENT: starts `POSTEL serve`, delivers mail with CLIENT (smtplib, swaks or pipelined), and compares what arrives
# with what was sent, octet for octet. Exit code 0 if all is equal.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
postel=${1:?usage: deliver.sh POSTEL CLIENT}
client=${2:?usage: deliver.sh POSTEL CLIENT}
case $client in
  smtplib | swaks) script=with_$client.py ;;
  pipelined) script=$client.py ;;
  *) echo "no client '$client': smtplib, swaks or pipelined" >&2; exit 64 ;;
esac

work=$(mktemp -d "${TMPDIR:-/tmp}/postel-deliver.XXXXXX")
: > "$work/out"
"$postel" serve --port 0 --store "$work/store" > "$work/out" 2> "$work/err" &
server=$!
trap 'kill "$server" 2> /dev/null || true; rm -rf "$work"' EXIT
trap 'exit 143' TERM
trap 'exit 130' INT

# The first line says where it listens.
address=
for _ in $(seq 400); do
  kill -0 "$server" 2> /dev/null || break
  if read -r line < "$work/out" && [[ $line =~ [^\ ]+:[0-9]+ ]]; then
    address=${BASH_REMATCH[0]}
    break
  fi
  sleep 0.025
done
if [[ -z $address ]]; then
  echo "the server does not start:" >&2
  cat "$work/out" "$work/err" >&2
  exit 1
fi

# Debian's interpreter, without leaving compiled files in the source tree.
status=0
PYTHONDONTWRITEBYTECODE=yes /usr/bin/python3 "$here/$script" "$address" "$work/store" || status=$?

# A server that fell over, or found a fault in itself while it ended, has failed too.
kill "$server" 2> /dev/null || true
ended=0
wait "$server" || ended=$?
if [[ $ended != 0 ]]; then
  echo "the server ended with $ended:" >&2
  cat "$work/err" >&2
  status=1
fi
exit "$status"
