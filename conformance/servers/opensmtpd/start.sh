#!/usr/bin/env bash
# start.sh PORT: OpenSMTPD on 127.0.0.1:PORT, for ann@example.org and postmaster@example.org. Without TLS: that of 6.8 does not work
# with OpenSSL 3; and without AUTH, which it has in TLS only. Needs root and mount namespaces: its paths and users are compiled in.
# shellcheck source=../common.sh
. "$(dirname "$0")/../common.sh"
prepare
mkdir -p "$work/over/var/spool/smtpd" "$work/over/etc" "$work/run" "$work/spool"
chmod 711 "$work/spool"
add_user opensmtpd 61025
add_user opensmtpq 61026
add_user vmail 61027
echo mx.example.org > "$work/over/etc/mailname"
# It looks up the name of each client before it greets it: not elsewhere, where nobody may answer.
echo 'lookup file' > "$work/over/etc/resolv.conf"
echo '127.0.0.1 localhost' > "$work/over/etc/hosts"
fill "$here/smtpd.conf" "$work/smtpd.conf"

# shellcheck disable=SC2034
binds="$work/spool:/var/spool/smtpd $work/run:/run"
laid_over /usr/sbin/smtpd -d -v -f "$work/smtpd.conf" < /dev/null > "$work/server.log" 2>&1 &
await $!
