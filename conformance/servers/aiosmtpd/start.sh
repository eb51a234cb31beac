#!/usr/bin/env bash
# start.sh PORT: aiosmtpd on 127.0.0.1:PORT, for ann@example.org and postmaster@example.org, with STARTTLS, and behind it AUTH for "user",
# password "secret".
# shellcheck source=../common.sh
. "$(dirname "$0")/../common.sh"
prepare
make_certificate

# Debian's interpreter: the packages are made for it.
PYTHONPATH=$root/usr/lib/python3/dist-packages setsid /usr/bin/python3 "$here/server.py" "$port" smtp "$work" \
  < /dev/null > "$work/server.log" 2>&1 &
await $!
