#!/usr/bin/env bash
# Postfix 3.7.11 (Debian 3.7.11-0+deb12u1) and Exim 4.96 (4.96-15+deb12u11) as servers.
# RFC 3030 §2: chunk-size is any number of digits, and a chunk's octets go to the message as they are. The text allows zero for the last
# chunk, and nothing forbids it for another: a client that writes what its buffer holds may send BDAT 0 between two others.
# Seen: both take "BDAT 0 LAST", and even a message that is nothing else, but refuse BDAT 0 without LAST for good (5yz) and with it the
# message; every chunk behind it is refused, too.
# Output:
#   Postfix: BDAT 26: 250, BDAT 0: 551, BDAT 7 LAST: 551; BDAT 26: 250, BDAT 0 LAST: 250; BDAT 0 LAST: 250
#   Exim: BDAT 26: 250, BDAT 0: 504, BDAT 7 LAST: 503; BDAT 26: 250, BDAT 0 LAST: 250; BDAT 0 LAST: 250
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
primary_hostname = exim.example
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
chunking_advertise_hosts = *
EOF
"$root/usr/sbin/exim4" -C "$PWD/exim.conf" -bdf < /dev/null > exim.out 2>&1 &

# Postfix on port 2525: takes any message and throws it away.
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
myhostname = postfix.example
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
default_database_type = texthash
alias_maps =
alias_database =
disable_dns_lookups = yes
smtpd_peername_lookup = no
mynetworks = 127.0.0.0/8
default_transport = discard:
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
discard   unix - - n - - discard
error     unix - - n - - error
retry     unix - - n - - error
anvil     unix - - n - 1 anvil
postlog   unix-dgram n - n - 1 postlogd
EOF
touch postfix.log
chown mail postfix.log
MAIL_CONFIG=$PWD/conf "$root/usr/lib/postfix/sbin/master" -c "$PWD/conf" -d < /dev/null > master.out 2>&1 &

cat > send.py << 'EOF'
import re, smtplib, sys, time
head, body = b"Subject: x\r\n\r\nfirst part\r\n", b"other\r\n"
def dialogue(port, chunks):
    for attempt in range(200):  # until the server listens
        try:
            session = smtplib.SMTP("127.0.0.1", port, timeout=20)
            break
        except OSError:
            time.sleep(0.1)
    session.ehlo("client.example")
    session.mail("ann@example.org")
    session.rcpt("bob@example.net")
    shown = []
    for n, chunk in enumerate(chunks):
        command = f"BDAT {len(chunk)}" + (" LAST" if n + 1 == len(chunks) else "")
        session.send(command.encode() + b"\r\n" + chunk)
        shown.append(f"{command}: {session.getreply()[0]}")
    session.close()
    return ", ".join(shown)
for name, port in (("Postfix", 2525), ("Exim", 2526)):
    print(name + ": " + "; ".join(dialogue(port, chunks) for chunks in ((head, b"", body), (head, b""), (b"",))))
EOF
shown=$(python3 send.py)
echo "$shown"
expected='Postfix: BDAT 26: 250, BDAT 0: 551, BDAT 7 LAST: 551; BDAT 26: 250, BDAT 0 LAST: 250; BDAT 0 LAST: 250
Exim: BDAT 26: 250, BDAT 0: 504, BDAT 7 LAST: 503; BDAT 26: 250, BDAT 0 LAST: 250; BDAT 0 LAST: 250'
[[ $shown == "$expected" ]]
