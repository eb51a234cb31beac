#!/usr/bin/env bash
# Sendmail 8.17.1.9 (Debian 8.17.1.9-2+deb12u2), Mail::DeliveryStatus::BounceParser 1.543 (Debian 1.543+repacked-1) as reader of its reports.
# RFC 3461 §5.2.8: one report may speak of several recipients of a message, each with an Action of its own.
# Seen: where NOTIFY asks for a report of success, Sendmail puts the failed recipients and those that were relayed into one. The reader stops
# at the first Action that is not "failed": it says that the whole report is no bounce, and lists none of the addresses behind. Which it
# lists hangs on their order alone. (Postfix and Exim send two reports, one of each kind.)
# Output:
#   bob1@example.net failed, ann@example.net relayed, bob2@example.net failed
#   BounceParser: no bounce, bob1@example.net
set -euo pipefail
if [[ -z ${FINDING_DIR:-} ]]; then # outside: fetch, then run again without a network but a private loopback
  FINDING_DIR=$(mktemp -d)
  export FINDING_DIR
  trap 'rm -rf "$FINDING_DIR"' EXIT
  chmod 755 "$FINDING_DIR"
  cd "$FINDING_DIR"
  apt-get -qq -o APT::Sandbox::User=root download sendmail-bin=8.17.1.9-2+deb12u2 sendmail-cf=8.17.1.9-2+deb12u2 m4=1.4.19-3 \
    libwrap0=7.6.q-32 liblockfile1=1.17-1+b1 libnsl2=1.3.0-2 libsasl2-2=2.1.28+dfsg-10+deb12u1 libldap-2.5-0=2.5.13+dfsg-5 \
    libmail-deliverystatus-bounceparser-perl=1.543+repacked-1 libmailtools-perl=2.21-2 libmime-tools-perl=5.510-1 libtimedate-perl=2.3300-2
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
import os, socketserver
reports = 0
class hop(socketserver.StreamRequestHandler):  # a next hop without DSN that refuses both bobs and keeps the reports, which have no sender
    def handle(self):
        global reports
        say = lambda text: self.wfile.write(text.encode() + b"\r\n")
        say("220 hop.example ESMTP")
        for line in self.rfile:
            verb = line[:4].upper()
            if verb == b"EHLO": say("250-hop.example\r\n250 ENHANCEDSTATUSCODES")
            elif verb == b"DATA":
                say("354 go on")
                message = b""
                for line in self.rfile:
                    if line == b".\r\n": break
                    message += line.removeprefix(b".")
                if report:
                    reports += 1
                    with open(f"report{reports}.new", "wb") as out: out.write(message.replace(b"\r\n", b"\n"))  # as in a mailbox
                    os.rename(f"report{reports}.new", f"report{reports}")
                say("250 2.0.0 taken")
            elif line.lower().startswith(b"rcpt to:<bob"): say("550 5.1.1 unknown")
            else:
                if verb == b"MAIL": report = b"<>" in line
                say("250 2.0.0 fine")
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
session.ehlo("client.example")
session.mail("sender@example.org")
for to, options in ("bob1@example.net", []), ("ann@example.net", ["NOTIFY=SUCCESS,FAILURE"]), ("bob2@example.net", []):
    session.rcpt(to, options)
session.data(b"From: sender@example.org\r\nSubject: x\r\n\r\nhello\r\n")
EOF
for ((i = 0; i < 400; i++)); do
  [[ ! -e report1 ]] || break
  sleep 0.1
done
cat > bounce.pl << 'EOF'
use Mail::DeliveryStatus::BounceParser;
undef $/;
my $report = Mail::DeliveryStatus::BounceParser->new(<STDIN>);
print "BounceParser: ", $report->is_bounce ? "a bounce of " : "no bounce, ", join(" ", $report->addresses) || "nobody", "\n";
EOF
seen=$(sed -n 's/^Final-Recipient: RFC822; //p; s/^Action: \([a-z]*\).*/\1,/p' report1 | tr '\n' ' ' | sed 's/, $//')
seen+=$'\n'$(perl -Iroot/usr/share/perl5 bounce.pl < report1)
echo "$seen"
[[ $seen == 'bob1@example.net failed, ann@example.net relayed, bob2@example.net failed
BounceParser: no bounce, bob1@example.net' ]]
