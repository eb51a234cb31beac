#!/usr/bin/env bash
# Postfix 3.7.11 (Debian 3.7.11-0+deb12u1) as relay to a server without 8BITMIME.
# RFC 6152 §3: 8-bit content must be converted, or returned, in front of a server that does not offer 8BITMIME. A message without an octet
# above 127 has none: it can go as it is, and a DKIM signature stays whole.
# Seen: Postfix converts by label, not by content. A text of ASCII alone that is labelled "Content-Transfer-Encoding: 8bit", as many programs
# label every text, becomes quoted-printable, even if the client did not say BODY=8BITMIME.
# Output (the text is "1 + 1 = 2"):
#   ASCII labelled 8bit, with BODY=8BITMIME: quoted-printable, 1 + 1 =3D 2
#   ASCII labelled 8bit, without BODY: quoted-printable, 1 + 1 =3D 2
set -euo pipefail
if [[ -z ${FINDING_DIR:-} ]]; then # outside: fetch, then run again without a network but a private loopback
  FINDING_DIR=$(mktemp -d)
  export FINDING_DIR
  trap 'rm -rf "$FINDING_DIR"' EXIT
  chmod 755 "$FINDING_DIR"
  cd "$FINDING_DIR"
  apt-get -qq -o APT::Sandbox::User=root download postfix=3.7.11-0+deb12u1 \
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

cat > hop.py << 'EOF'
import socketserver
class hop(socketserver.StreamRequestHandler):  # a next hop without 8BITMIME that keeps each message under its Subject
    def handle(self):
        say = lambda text: self.wfile.write(text.encode() + b"\r\n")
        say("220 hop.example ESMTP")
        for line in self.rfile:
            verb = line[:4].upper()
            if verb == b"EHLO": say("250-hop.example\r\n250 PIPELINING")
            elif verb == b"DATA":
                say("354 go on")
                message = b""
                for line in self.rfile:
                    if line == b".\r\n": break
                    message += line
                say("250 taken")
                head, body = message.split(b"\r\n\r\n", 1)
                fields = dict(line.split(b": ", 1) for line in head.replace(b"\r\n\t", b" ").split(b"\r\n"))
                with open("got" + fields[b"Subject"].decode(), "w") as out:
                    print(fields[b"Content-Transfer-Encoding"].decode() + ", " + ascii(body.strip().decode("latin-1")).strip("'"), file=out)
            else: say("250 fine")
class server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    handle_error = lambda *_: None  # a probe that connects and closes is no error
server(("127.0.0.1", 2526), hop).serve_forever()
EOF
python3 hop.py &

# Postfix on port 2525: everything goes on to the next hop.
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
postlog   unix-dgram n - n - 1 postlogd
EOF
touch postfix.log
chown mail postfix.log
MAIL_CONFIG=$PWD/conf "$root/usr/lib/postfix/sbin/master" -c "$PWD/conf" -d < /dev/null > master.out 2>&1 &

python3 - << 'EOF'
import smtplib, socket, time
for attempt in range(300):  # until both servers listen
    try:
        socket.create_connection(("127.0.0.1", 2526)).close()
        session = smtplib.SMTP("127.0.0.1", 2525, timeout=20)
        break
    except OSError:
        time.sleep(0.1)
for number, options in ((1, ["BODY=8BITMIME"]), (2, [])):
    session.sendmail("ann@example.org", ["bob@example.net"], (
        f"From: ann@example.org\r\nTo: bob@example.net\r\nSubject: {number}\r\nMIME-Version: 1.0\r\n"
        f"Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n1 + 1 = 2\r\n").encode(), options)
EOF
for ((i = 0; i < 400; i++)); do
  [[ ! -s got1 || ! -s got2 ]] || break
  sleep 0.1
done
seen="ASCII labelled 8bit, with BODY=8BITMIME: $(< got1)
ASCII labelled 8bit, without BODY: $(< got2)"
echo "$seen"
[[ $seen == 'ASCII labelled 8bit, with BODY=8BITMIME: quoted-printable, 1 + 1 =3D 2
ASCII labelled 8bit, without BODY: quoted-printable, 1 + 1 =3D 2' ]]
