#!/usr/bin/env bash
# Dovecot 2.3.19.1 (Debian 1:2.3.19.1+dfsg1-2.1+deb12u7), its submission service in front of a server without 8BITMIME and with SIZE 10000.
# RFC 4954 §4: a client says EHLO again after AUTH if a security layer came into force with it; with PLAIN there is none, and what the server
# offered before stays true. Whoever knows proxies expects an offer that only shrinks to what lies behind, before the login or never.
# Seen: before the login Dovecot offers all that it knows itself, and asks the server behind it only then. From there on it refuses what
# it had offered: MAIL with BODY=8BITMIME gets 555, and a message of 9000 octets 552, since 1024 octets are kept for its own trace field.
# Another EHLO shows the new list. It has DSN, which the first had not, where the server behind has it.
# Output:
#   before the login: 8BITMIME yes, DSN no, SIZE 10485760
#   MAIL BODY=8BITMIME: 555
#   MAIL SIZE=9000: 552
#   after the login: 8BITMIME no, DSN yes, SIZE 8976
set -euo pipefail
if [[ -z ${FINDING_DIR:-} ]]; then # outside: fetch, then run again without a network but a private loopback
  FINDING_DIR=$(mktemp -d)
  export FINDING_DIR
  trap 'rm -rf "$FINDING_DIR"' EXIT
  chmod 755 "$FINDING_DIR"
  cd "$FINDING_DIR"
  apt-get -qq -o APT::Sandbox::User=root download dovecot-core=1:2.3.19.1+dfsg1-2.1+deb12u7 \
    dovecot-submissiond=1:2.3.19.1+dfsg1-2.1+deb12u7 libexttextcat-2.0-0=3.4.5-1 liblua5.4-0=5.4.4-3+deb12u1 libwrap0=7.6.q-32 \
    libsodium23=1.0.18-1+deb12u1 libunwind8=1.6.2-3
  for deb in *.deb; do dpkg -x "$deb" root; done
  cd - > /dev/null
  unshare --net --mount --pid --fork --kill-child --mount-proc bash "$0"
  exit
fi

cd "$FINDING_DIR"
ip link set lo up
export LD_LIBRARY_PATH=$PWD/root/usr/lib/x86_64-linux-gnu:$PWD/root/lib/x86_64-linux-gnu

# Its folders are compiled in: lay the package over /usr in this mount namespace.
mkdir layer
mount -t tmpfs -o mode=755 tmpfs layer # overlay wants its layers outside of what it lies over
cp -a root/usr/. layer/
mount -t overlay -o "lowerdir=$PWD/layer:/usr" overlay /usr
mkdir run state mail
chown mail mail
cat > dovecot.conf << EOF
base_dir = $PWD/run
state_dir = $PWD/state
log_path = $PWD/dovecot.log
listen = 127.0.0.1
protocols = submission
ssl = no
disable_plaintext_auth = no
default_internal_user = mail
default_internal_group = mail
default_login_user = nobody
mail_location = maildir:$PWD/mail/%n
mail_uid = mail
mail_gid = mail
first_valid_uid = 1
first_valid_gid = 1
hostname = proxy.example
submission_relay_host = 127.0.0.1
submission_relay_port = 2526
submission_max_mail_size = 10M
passdb {
  driver = static
  args = password=secret
}
userdb {
  driver = static
  args = uid=mail gid=mail home=$PWD/mail/%n allow_all_users=yes
}
service submission-login {
  chroot =
  inet_listener submission {
    port = 2525
  }
}
service anvil {
  chroot =
}
service stats {
  chroot =
}
EOF

cat > hop.py << 'EOF'
import socketserver
class hop(socketserver.StreamRequestHandler):  # the server behind
    def handle(self):
        say = lambda text: self.wfile.write(text.encode() + b"\r\n")
        say("220 hop.example ESMTP")
        for line in self.rfile: say("250-hop.example\r\n250-DSN\r\n250 SIZE 10000" if line.upper().startswith(b"EHLO") else "250 fine")
class server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    handle_error = lambda *_: None  # a probe that connects and closes is no error
server(("127.0.0.1", 2526), hop).serve_forever()
EOF
python3 hop.py &
/usr/sbin/dovecot -F -c "$PWD/dovecot.conf" < /dev/null > dovecot.out 2>&1 &
cat > probe.py << 'EOF'
import smtplib, socket, time
for attempt in range(300):  # until both servers listen
    try:
        socket.create_connection(("127.0.0.1", 2526)).close()
        session = smtplib.SMTP("127.0.0.1", 2525, timeout=20)
        break
    except OSError:
        time.sleep(0.1)
def offer(when):
    session.ehlo("client.example")
    has = lambda keyword: keyword + (" yes" if session.has_extn(keyword) else " no")
    print(f"{when} the login: {has('8BITMIME')}, {has('DSN')}, SIZE {session.esmtp_features['size']}")
offer("before")
session.login("user", "secret", initial_response_ok=True)
for parameter in "BODY=8BITMIME", "SIZE=9000":
    print(f"MAIL {parameter}: {session.docmd('MAIL FROM:<ann@example.org> ' + parameter)[0]}")
offer("after")
EOF
seen=$(python3 probe.py)
echo "$seen"
[[ $seen == 'before the login: 8BITMIME yes, DSN no, SIZE 10485760
MAIL BODY=8BITMIME: 555
MAIL SIZE=9000: 552
after the login: 8BITMIME no, DSN yes, SIZE 8976' ]]
