#!/usr/bin/env bash
# Sendmail 8.17.1.9 (Debian 8.17.1.9-2+deb12u2) as relay, with the configuration its own m4 files make.
# RFC 5321 §4.5.3.1.6 allows lines of 1000 octets with their CRLF, RFC 5322 §2.1.1 thus 998 without: such a message needs no change.
# Seen: every line of 991 octets or more is broken: 989 octets, "!", CRLF, a blank, the rest. 990 octets pass. Nothing
# tells the sender; a DKIM signature of such a message no longer verifies. (The mailers that MAILER(`smtp') makes say L=990.)
# Output:
#   990 letters: unchanged
#   991 letters: 989 + "!" + CRLF + SP + 2
#   998 letters: 989 + "!" + CRLF + SP + 9
set -euo pipefail
if [[ -z ${FINDING_DIR:-} ]]; then # outside: fetch, then run again without a network but a private loopback
  FINDING_DIR=$(mktemp -d)
  export FINDING_DIR
  trap 'rm -rf "$FINDING_DIR"' EXIT
  chmod 755 "$FINDING_DIR"
  cd "$FINDING_DIR"
  apt-get -qq -o APT::Sandbox::User=root download sendmail-bin=8.17.1.9-2+deb12u2 sendmail-cf=8.17.1.9-2+deb12u2 m4=1.4.19-3 \
    libwrap0=7.6.q-32 liblockfile1=1.17-1+b1 libnsl2=1.3.0-2 libsasl2-2=2.1.28+dfsg-10+deb12u1 libldap-2.5-0=2.5.13+dfsg-5
  for deb in *.deb; do dpkg -x "$deb" root; done
  cd - > /dev/null
  unshare --net --mount --uts --pid --fork --kill-child --mount-proc bash "$0"
  exit
fi

mount --bind "$FINDING_DIR" /mnt # sendmail refuses files below a folder that everybody can write to
cd /mnt
ip link set lo up
hostname relay.example # it waits a minute for a full name
export LD_LIBRARY_PATH=/mnt/root/usr/lib/x86_64-linux-gnu:/mnt/root/lib/x86_64-linux-gnu
echo '127.0.0.1 relay.example localhost' > hosts
mount --bind hosts /etc/hosts
printf 'hosts files\naliases files\n' > service.switch
mkdir -m 700 queue
chown mail:mail queue
cat > relay.mc << 'EOF'
divert(0)
OSTYPE(`linux')
define(`confRUN_AS_USER', `mail:mail')
define(`confTRUSTED_USER', `mail')
define(`confPID_FILE', `/mnt/pid')
define(`QUEUE_DIR', `/mnt/queue')
define(`ALIAS_FILE', `')
define(`STATUS_FILE', `')
define(`confDOMAIN_NAME', `relay.example')
define(`confDONT_PROBE_INTERFACES', `true')
define(`confTO_IDENT', `0')
define(`confQUEUE_LA', `10000')
define(`confREFUSE_LA', `10000')
define(`confSERVICE_SWITCH_FILE', `/mnt/service.switch')
define(`ESMTP_MAILER_ARGS', `TCP $h 2526')
define(`SMART_HOST', `esmtp:[127.0.0.1]')
FEATURE(`no_default_msa')
FEATURE(`nocanonify')
FEATURE(`promiscuous_relay')
FEATURE(`accept_unresolvable_domains')
DAEMON_OPTIONS(`Family=inet, Addr=127.0.0.1, Port=2525')
MAILER(`local')
MAILER(`smtp')
EOF
cf=/mnt/root/usr/share/sendmail/cf
root/usr/bin/m4 -D_CF_DIR_="$cf/" "$cf/m4/cf.m4" relay.mc > sendmail.cf 2> m4.out
chmod 644 sendmail.cf
chmod g-s root/usr/libexec/sendmail/sendmail # a set-group-id program takes no LD_LIBRARY_PATH
root/usr/libexec/sendmail/sendmail -C /mnt/sendmail.cf -bD -q1m < /dev/null > sendmail.out 2>&1 &

cat > hop.py << 'EOF'
import os, re, socketserver
class hop(socketserver.StreamRequestHandler):  # a next hop that shows how the lines of the body arrive
    def handle(self):
        say = lambda text: self.wfile.write(text.encode() + b"\r\n")
        say("220 hop.example ESMTP")
        for line in self.rfile:
            verb = line[:4].upper()
            if verb == b"EHLO": say("250-hop.example\r\n250 8BITMIME")
            elif verb == b"DATA":
                say("354 go on")
                message = b""
                for line in self.rfile:
                    if line == b".\r\n": break
                    message += line.removeprefix(b".")
                say("250 taken")
                body = message.split(b"\r\n\r\n", 1)[1]
                shown = ""
                for name, text in (("990 letters", b"a" * 990), ("991 letters", b"b" * 991), ("998 letters", b"c" * 998)):
                    letter = text[-1:]
                    if text + b"\r\n" in body: shown += name + ": unchanged\n"
                    else:
                        found = re.search(b"(%s+)!\r\n (%s+)\r\n" % (letter, letter), body)
                        shown += f"{name}: {len(found[1])} + \"!\" + CRLF + SP + {len(found[2])}\n" if found else name + ": lost\n"
                open("shown.new", "w").write(shown)
                os.rename("shown.new", "shown")
            else: say("250 fine")
class server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    handle_error = lambda *_: None  # a probe that connects and closes is no error
server(("127.0.0.1", 2526), hop).serve_forever()
EOF
python3 hop.py &

python3 - << 'EOF'
import smtplib, socket, time
for attempt in range(400):  # until both servers listen
    try:
        socket.create_connection(("127.0.0.1", 2526)).close()
        session = smtplib.SMTP("127.0.0.1", 2525, timeout=60)
        break
    except OSError:
        time.sleep(0.1)
body = b"\r\n".join((b"a" * 990, b"b" * 991, b"c" * 998, b""))
session.sendmail("ann@example.org", ["bob@example.net"], b"From: ann@example.org\r\nTo: bob@example.net\r\nSubject: x\r\n\r\n" + body)
EOF
for ((i = 0; i < 400; i++)); do
  [[ ! -e shown ]] || break
  sleep 0.1
done
expected='990 letters: unchanged
991 letters: 989 + "!" + CRLF + SP + 2
998 letters: 989 + "!" + CRLF + SP + 9'
cat shown
[[ $(< shown) == "$expected" ]]
