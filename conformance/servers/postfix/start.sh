#!/usr/bin/env bash
# start.sh PORT: Postfix on 127.0.0.1:PORT, for ann@example.org and postmaster@example.org, with STARTTLS, and behind it AUTH for
# user@mx.example.org, password secret. Needs root. POSTFIX_TLS=encrypt: takes mail in TLS only; may: also in clear.
# shellcheck source=../common.sh
. "$(dirname "$0")/../common.sh"
prepare

mkdir -p "$work/conf/sasl" "$work/data" "$work/queue"
fill "$here/main.cf" "$work/conf/main.cf"
sed -i "s/^smtpd_tls_security_level = .*/smtpd_tls_security_level = ${POSTFIX_TLS:-may}/" "$work/conf/main.cf"
fill "$here/master.cf" "$work/conf/master.cf"
make_certificate
cat > "$work/conf/sasl/smtpd.conf" <<CONF
pwcheck_method: auxprop
auxprop_plugin: sasldb
sasldb_path: $work/conf/sasl/db
mech_list: PLAIN LOGIN CRAM-MD5
CONF
printf secret | "$root/usr/sbin/saslpasswd2" -p -c -f "$work/conf/sasl/db" -u mx.example.org user
chown mail "$work/conf/sasl/db"
printf '%s here\n' ann@example.org postmaster@example.org > "$work/mailboxes"

# What the package's maintainer script would have made.
cd "$work/queue"
mkdir active bounce corrupt defer deferred flush hold incoming private saved trace maildrop public pid
chown mail active bounce corrupt defer deferred flush hold incoming private saved trace
chmod 700 active bounce corrupt defer deferred flush hold incoming private saved trace
chown mail:games maildrop public
chmod 730 maildrop
chmod 710 public
chown mail:mail "$work/data"
chmod 700 "$work/data"

export MAIL_CONFIG=$work/conf LD_LIBRARY_PATH=$root/usr/lib/postfix
setsid "$root/usr/lib/postfix/sbin/master" -c "$work/conf" -d < /dev/null > "$work/master.log" 2>&1 &
await $!
