#!/usr/bin/env bash
# OpenSMTPD 6.8.0p2 (Debian 6.8.0p2-4+b4), server and relay.
# RFC 3461 §4: NOTIFY and ORCPT belong to the recipient of the RCPT command that carries them.
# Seen: within one transaction they stay for the recipients that follow. A recipient that asks for nothing is relayed with what the
# ones before it asked for, and with their original address; a refused RCPT leaves its parameters behind, too. NOTIFY=NEVER is
# refused behind NOTIFY=SUCCESS although each is right by itself, and after that the relay sends NOTIFY lists that name both.
# Output: the replies to RCPT, and the RCPT lines as the next hop gets them:
#   one: 250, two: 250, three: 553, four: 250, five: 250
#   RCPT TO:<five@example.net> NOTIFY=SUCCESS,NEVER ORCPT=rfc822;4@example.com
#   RCPT TO:<four@example.net> NOTIFY=SUCCESS,NEVER ORCPT=rfc822;4@example.com
#   RCPT TO:<one@example.net> NOTIFY=SUCCESS
#   RCPT TO:<two@example.net> NOTIFY=SUCCESS
set -euo pipefail
if [[ -z ${FINDING_DIR:-} ]]; then # outside: fetch, then run again without a network but a private loopback
  FINDING_DIR=$(mktemp -d)
  export FINDING_DIR
  trap 'rm -rf "$FINDING_DIR"' EXIT
  chmod 755 "$FINDING_DIR"
  cd "$FINDING_DIR"
  apt-get -qq -o APT::Sandbox::User=root download opensmtpd=6.8.0p2-4+b4 libevent-2.1-7=2.1.12-stable-8+deb12u1
  for deb in *.deb; do dpkg -x "$deb" root; done
  cd - > /dev/null
  unshare --net --mount --pid --fork --kill-child --mount-proc bash "$0"
  exit
fi

cd "$FINDING_DIR"
ip link set lo up
export LD_LIBRARY_PATH=$PWD/root/usr/lib/x86_64-linux-gnu

# Its users and folders are compiled in: give it those in this mount namespace.
{ cat /etc/passwd; printf '%s\n' opensmtpd:x:61025:61025::/empty:/usr/sbin/nologin opensmtpq:x:61026:61026::/empty:/usr/sbin/nologin; } > passwd
{ cat /etc/group; printf '%s\n' opensmtpd:x:61025: opensmtpq:x:61026:; } > group
mount --bind passwd /etc/passwd
mount --bind group /etc/group
mkdir -p var/spool/smtpd var/lib/opensmtpd/empty run/sendmail
chmod 711 var/spool/smtpd
for dir in usr var; do
  mkdir -p "layer/$dir"
  [[ ! -d root/$dir ]] || cp -a "root/$dir/." "layer/$dir/"
done
cp -a var/. layer/var/
mkdir tmpfs
mount -t tmpfs -o mode=755 tmpfs tmpfs # overlay wants its layers outside of what it lies over
cp -a layer/. tmpfs/
for dir in usr var; do mount -t overlay -o "lowerdir=$PWD/tmpfs/$dir:/$dir" overlay "/$dir"; done
mkdir spool
chmod 711 spool
mount --bind spool /var/spool/smtpd
mount -t tmpfs tmpfs /run
cat > smtpd.conf << 'EOF'
listen on 127.0.0.1 port 2525 hostname "relay.example"
action "out" relay host smtp://127.0.0.1:2526
match from any for any action "out"
EOF

cat > hop.py << 'EOF'
import socketserver
class hop(socketserver.StreamRequestHandler):  # a next hop that offers DSN and writes down the RCPT lines
    def handle(self):
        say = lambda text: self.wfile.write(text.encode() + b"\r\n")
        say("220 hop.example ESMTP")
        for line in self.rfile:
            verb = line[:4].upper()
            if verb == b"EHLO": say("250-hop.example\r\n250 DSN")
            elif verb == b"DATA":
                say("354 go on")
                while self.rfile.readline() not in (b".\r\n", b""): pass
                say("250 taken")
                open("taken", "w").close()
            else:
                if verb == b"RCPT": open("rcpt", "ab").write(line.replace(b"\r", b""))
                say("250 fine")
class server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    handle_error = lambda *_: None  # a probe that connects and closes is no error
server(("127.0.0.1", 2526), hop).serve_forever()
EOF
python3 hop.py &
/usr/sbin/smtpd -d -f "$PWD/smtpd.conf" < /dev/null > smtpd.out 2>&1 &

cat > send.py << 'EOF'
import smtplib, socket, time
for attempt in range(400):  # until both servers listen
    try:
        socket.create_connection(("127.0.0.1", 2526)).close()
        session = smtplib.SMTP("127.0.0.1", 2525, timeout=20)
        break
    except OSError:
        time.sleep(0.1)
session.ehlo("client.example")
session.mail("ann@example.org")
codes = [f"{name}: {session.rcpt(name + '@example.net', options)[0]}" for name, options in (
    ("one", ["NOTIFY=SUCCESS"]), ("two", []), ("three", ["NOTIFY=NEVER"]), ("four", ["ORCPT=rfc822;4@example.com"]), ("five", []))]
session.data(b"Subject: x\r\n\r\nhello\r\n")
print(", ".join(codes))
EOF
codes=$(python3 send.py)
for ((i = 0; i < 300; i++)); do
  [[ ! -e taken ]] || break
  sleep 0.1
done
lines=$(sort rcpt)
echo "$codes"
echo "$lines"
[[ $codes == "one: 250, two: 250, three: 553, four: 250, five: 250" ]] &&
  grep -qx 'RCPT TO:<two@example.net> NOTIFY=SUCCESS' <<< "$lines" &&
  grep -qx 'RCPT TO:<five@example.net> NOTIFY=SUCCESS,NEVER ORCPT=rfc822;4@example.com' <<< "$lines"
