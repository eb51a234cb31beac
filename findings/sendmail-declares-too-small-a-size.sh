#!/usr/bin/env bash
# Sendmail 8.17.1.9 (Debian 8.17.1.9-2+deb12u2) as relay, with the configuration its own m4 files make.
# RFC 1870 §5: the value of SIZE counts each CRLF as two octets; it lets the next hop refuse a message before it is sent.
# Seen: Sendmail declares the octets it stored when the message came in: one for each line's end, and without the Received field that it
# adds itself. For text in short lines a third is missing, so the next hop refuses at the end of data what it could have refused at MAIL.
# (Postfix's value is exact to the octet, Exim adds 1024 to be safe.)
# Output (1000 lines of one letter): declared 2092, sent 3335
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
class hop(socketserver.StreamRequestHandler):  # a next hop that compares the SIZE it was told with what comes
    def handle(self):
        say = lambda text: self.wfile.write(text.encode() + b"\r\n")
        say("220 hop.example ESMTP")
        for line in self.rfile:
            verb = line[:4].upper()
            if verb == b"EHLO": say("250-hop.example\r\n250 SIZE 10000000")
            elif verb == b"DATA":
                say("354 go on")
                sent = 0
                for line in self.rfile:
                    if line == b".\r\n": break
                    sent += len(line)
                say("250 taken")
                with open("shown.new", "w") as out: print(declared, sent, file=out)
                os.rename("shown.new", "shown")
            else:
                if verb == b"MAIL": declared = int(re.search(rb" SIZE=(\d+)", line)[1])
                say("250 fine")
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
session.sendmail("ann@example.org", ["bob@example.net"],
                 b"From: ann@example.org\r\nTo: bob@example.net\r\nSubject: x\r\nDate: Mon, 30 Nov 2026 12:00:00 +0000\r\n\r\n" + b"a\r\n" * 1000)
EOF
for ((i = 0; i < 400; i++)); do
  [[ ! -e shown ]] || break
  sleep 0.1
done
read -r declared sent < shown
echo "declared $declared, sent $sent"
((declared < sent - 1000))
