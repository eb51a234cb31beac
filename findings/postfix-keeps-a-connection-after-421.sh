#!/usr/bin/env bash
# Postfix 3.7.11 (Debian 3.7.11-0+deb12u1) as client, Exim 4.96 (4.96-15+deb12u11) as server.
# RFC 5321 §4.2.1 has one meaning for 421: the server is closing the connection. A client that keeps connections would be
# expected to drop this one and to send the message over a new one, which works at once.
# Seen: from the message after smtp_accept_max_per_connection (1000 unless set; 5 here) Exim answers MAIL with "421 too many
# messages in this connection" and leaves the connection open. Postfix puts that connection back into its cache, takes it for each
# further message, gets 421 for each, and defers them all for minutes. A new connection is accepted all the while.
# Output (12 messages; the first may go over a connection of its own):
# sent 6, deferred with 421: 6, uses of one connection: 11, a new connection takes mail: 250
set -euo pipefail
if [[ -z ${FINDING_DIR:-} ]]; then # outside: fetch, then run again without a network but a private loopback
  FINDING_DIR=$(mktemp -d)
  export FINDING_DIR
  trap 'rm -rf "$FINDING_DIR"' EXIT
  chmod 755 "$FINDING_DIR"
  cd "$FINDING_DIR"
  apt-get -qq -o APT::Sandbox::User=root download postfix=3.7.11-0+deb12u1 exim4-daemon-light=4.96-15+deb12u11 \
    libidn12=1.41-1 libgnutls-dane0=3.7.9-2+deb12u7 libunbound8=1.17.1-2+deb12u4 libevent-2.1-7=2.1.12-stable-8+deb12u1 \
    libnsl2=1.3.0-2 libicu72=72.1-3+deb12u1 libsasl2-2=2.1.28+dfsg-10+deb12u1
  for deb in *.deb; do dpkg -x "$deb" root; done
  cd - > /dev/null
  unshare --net --mount --pid --fork --kill-child --mount-proc bash "$0"
  exit
fi

cd "$FINDING_DIR"
ip link set lo up
root=$PWD/root
export LD_LIBRARY_PATH=$root/usr/lib/postfix:$root/usr/lib/x86_64-linux-gnu

# Exim on port 2526: takes any message and keeps it in its queue. Its user is compiled in: a passwd of our own has it.
{ cat /etc/passwd; echo 'Debian-exim:x:8:8::/nonexistent:/usr/sbin/nologin'; } > passwd
{ cat /etc/group; echo 'Debian-exim:x:8:'; } > group
mount --bind passwd /etc/passwd
mount --bind group /etc/group
mkdir -m 755 exim
chown 8:8 exim
cat > exim.conf << EOF
exim_user = mail
exim_group = mail
primary_hostname = hop.example
spool_directory = $PWD/exim
log_file_path = $PWD/exim/%s.log
pid_file_path = $PWD/exim/pid
local_interfaces = <; [127.0.0.1]:2526
daemon_smtp_ports =
disable_ipv6
keep_environment =
host_lookup =
tls_advertise_hosts =
rfc1413_query_timeout = 0s
acl_smtp_rcpt = accept
queue_only
smtp_accept_max_per_connection = 5
EOF
"$root/usr/sbin/exim4" -C "$PWD/exim.conf" -bdf < /dev/null > exim.out 2>&1 &

# Postfix on port 2525: everything goes on to Exim, one message at a time.
mkdir -p conf queue/pid data
for dir in active bounce corrupt defer deferred flush hold incoming maildrop private public saved trace; do mkdir -m 700 queue/$dir; done
chown mail queue/[!p]* queue/p[ru]* data
cat > conf/main.cf << EOF
compatibility_level = 3.7
queue_directory = $PWD/queue
data_directory = $PWD/data
command_directory = $root/usr/sbin
daemon_directory = $root/usr/lib/postfix/sbin
shlib_directory = $root/usr/lib/postfix
meta_directory = $root/etc/postfix
mail_owner = mail
setgid_group = games
import_environment = MAIL_CONFIG LD_LIBRARY_PATH POSTLOG_SERVICE POSTLOG_HOSTNAME
export_environment = LD_LIBRARY_PATH
maillog_file = $PWD/postfix.log
maillog_file_prefixes = $PWD
myhostname = relay.example
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
default_database_type = texthash
alias_maps =
alias_database =
disable_dns_lookups = yes
smtpd_peername_lookup = no
mynetworks = 127.0.0.0/8
relayhost = [127.0.0.1]:2526
default_destination_concurrency_limit = 1
initial_destination_concurrency = 1
smtp_connection_cache_destinations = 127.0.0.1
EOF
cat > conf/master.cf << 'EOF'
127.0.0.1:2525 inet n - n - - smtpd
pickup    unix n - n 60 1 pickup
cleanup   unix n - n - 0 cleanup
qmgr      unix n - n 300 1 qmgr
rewrite   unix - - n - - trivial-rewrite
bounce    unix - - n - 0 bounce
defer     unix - - n - 0 bounce
trace     unix - - n - 0 bounce
flush     unix n - n 1000? 0 flush
proxymap  unix - - n - - proxymap
smtp      unix - - n - - smtp
relay     unix - - n - - smtp
error     unix - - n - - error
retry     unix - - n - - error
anvil     unix - - n - 1 anvil
scache    unix - - n - 1 scache
postlog   unix-dgram n - n - 1 postlogd
EOF
touch postfix.log
chown mail postfix.log
MAIL_CONFIG=$PWD/conf "$root/usr/lib/postfix/sbin/master" -c "$PWD/conf" -d < /dev/null > master.out 2>&1 &

cat > send.py << 'EOF'
import smtplib, sys, time
port, count = int(sys.argv[1]), int(sys.argv[2])
for attempt in range(200):  # until the server listens
    try:
        session = smtplib.SMTP("127.0.0.1", port, timeout=20)
        break
    except OSError:
        time.sleep(0.1)
session.ehlo("client.example")
for n in range(count):
    session.mail("ann@example.org")
    session.rcpt("bob@example.net")
    code, text = session.data(b"Subject: %d\r\n\r\nhello\r\n" % n)
print(code)
EOF
python3 send.py 2526 1 > /dev/null # both servers are up
python3 send.py 2525 12 > /dev/null
for ((i = 0; i < 400; i++)); do
  (($(grep -c 'status=' postfix.log) >= 12)) && break
  sleep 0.1
done
sent=$(grep -c 'status=sent' postfix.log || true)
deferred=$(grep -c 'status=deferred.* said: 421 ' postfix.log || true)
uses=$(sed -n 's/.*conn_use=\([0-9]*\).*/\1/p' postfix.log | sort -n | tail -1)
fresh=$(python3 send.py 2526 1)
grep -m 1 'status=deferred' postfix.log | sed 's/.*said: /Postfix quotes Exim: /' || cat postfix.log master.out exim.out
echo "sent $sent, deferred with 421: $deferred, uses of one connection: $uses, a new connection takes mail: $fresh"
((deferred > 1 && uses > 6 && sent + deferred == 12 && fresh == 250))
