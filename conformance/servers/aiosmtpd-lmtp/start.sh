#!/usr/bin/env bash
# start.sh PORT: aiosmtpd's LMTP on 127.0.0.1:PORT, for ann@example.org and postmaster@example.org.
# shellcheck source=../common.sh
. "$(dirname "$0")/../common.sh"
prepare

PYTHONPATH=$root/usr/lib/python3/dist-packages setsid /usr/bin/python3 "$servers/aiosmtpd/server.py" "$port" lmtp "$work" \
  < /dev/null > "$work/server.log" 2>&1 &
await $!
