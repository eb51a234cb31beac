#!/usr/bin/env bash
# start.sh PORT: Exim on 127.0.0.1:PORT, for ann@example.org and postmaster@example.org, with STARTTLS, and behind it AUTH for "user",
# password "secret". Needs root and mount namespaces: its user is compiled in.
# shellcheck source=../common.sh
. "$(dirname "$0")/../common.sh"
prepare
make_certificate
mkdir "$work/spool"
fill "$here/exim.conf" "$work/exim.conf"
getent passwd Debian-exim > /dev/null || add_user Debian-exim 61025
chown mail:mail "$work" "$work/spool" "$work/key.pem"

laid_over "$root/usr/sbin/exim4" -C "$work/exim.conf" -bdf < /dev/null > "$work/server.log" 2>&1 &
await $!
