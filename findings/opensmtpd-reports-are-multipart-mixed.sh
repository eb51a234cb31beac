#!/usr/bin/env bash
# OpenSMTPD 6.8.0p2 (Debian 6.8.0p2-4+b4) as relay, Mail::DeliveryStatus::BounceParser 1.543 (Debian 1.543+repacked-1) as reader of its reports.
# RFC 3461 §6: a report is multipart/report, names the ENVID and the ORCPT that came with the message, says in Diagnostic-Code what the next
# hop replied, and with RET=HDRS returns the header only. OpenSMTPD offers DSN and takes all of these parameters.
# Seen: its reports are multipart/mixed. They have neither Original-Envelope-Id nor Original-Recipient; the reply of the next hop, 550 5.1.1,
# becomes "Status: 5.0.0" without a Diagnostic-Code. The failure's last part says text/rfc822-headers and holds the whole message. The reader
# misses the failed address, and takes the report of success for a bounce.
# Output:
#   failed: multipart/mixed, Status 5.0.0, Original-Envelope-Id no, Original-Recipient no, text/rfc822-headers with the body; a bounce of: nobody
#   relayed: multipart/mixed, Status 2.0.0, Original-Envelope-Id no, Original-Recipient no, text/rfc822-headers; a bounce of: nobody
set -euo pipefail
if [[ -z ${FINDING_DIR:-} ]]; then # outside: fetch, then run again without a network but a private loopback
  FINDING_DIR=$(mktemp -d)
  export FINDING_DIR
  trap 'rm -rf "$FINDING_DIR"' EXIT
  chmod 755 "$FINDING_DIR"
  cd "$FINDING_DIR"
  apt-get -qq -o APT::Sandbox::User=root download opensmtpd=6.8.0p2-4+b4 libevent-2.1-7=2.1.12-stable-8+deb12u1 \
    libmail-deliverystatus-bounceparser-perl=1.543+repacked-1 libmailtools-perl=2.21-2 libmime-tools-perl=5.510-1 libtimedate-perl=2.3300-2
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
reports = 0
class hop(socketserver.StreamRequestHandler):  # a next hop that refuses bob and keeps the reports, which have no sender
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
                    with open(f"report{reports}", "wb") as out: out.write(message.replace(b"\r\n", b"\n"))  # as in a mailbox
                say("250 2.0.0 taken")
            elif line.startswith(b"RCPT TO:<bob"): say("550 5.1.1 unknown")
            else:
                if verb == b"MAIL": report = b"<>" in line
                say("250 2.0.0 fine")
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
for to, notify in ("bob@example.net", "FAILURE"), ("ann@example.net", "SUCCESS"):
    session.mail("sender@example.org", ["ENVID=e1", "RET=HDRS"])
    session.rcpt(to, ["NOTIFY=" + notify, "ORCPT=rfc822;first@example.com"])
    session.data(b"Subject: x\r\n\r\nthe body\r\n")
EOF
python3 send.py
for ((i = 0; i < 600; i++)); do
  [[ ! -e report2 ]] || break
  sleep 0.1
done

cat > bounce.pl << 'EOF'
use Mail::DeliveryStatus::BounceParser;
undef $/;
my $report = Mail::DeliveryStatus::BounceParser->new(<STDIN>);
print $report->is_bounce ? "a bounce of: " . (join(" ", $report->addresses) || "nobody") : "no bounce";
EOF
cat > read.py << 'EOF'
import email, glob, subprocess
shown = []
for name in glob.glob("report?"):
    octets = open(name, "rb").read()
    report = email.message_from_bytes(octets)
    parts = {part.get_content_type(): part for part in report.walk()}
    about, recipient = parts["message/delivery-status"].get_payload()
    says = lambda field: field + (" yes" if about[field] or recipient[field] else " no")
    headers = "text/rfc822-headers" + (" with the body" if "the body" in parts["text/rfc822-headers"].as_string() else "")
    reader = subprocess.run(["perl", "-Iroot/usr/share/perl5", "bounce.pl"], input=octets, capture_output=True).stdout.decode()
    shown.append(f"{recipient['Action']}: {report.get_content_type()}, Status {recipient['Status']}, {says('Original-Envelope-Id')}, "
                 f"{says('Original-Recipient')}, {headers}; {reader}")
print("\n".join(sorted(shown)))
EOF
shown=$(python3 read.py)
echo "$shown"
common='Original-Envelope-Id no, Original-Recipient no, text/rfc822-headers'
[[ $shown == "failed: multipart/mixed, Status 5.0.0, $common with the body; a bounce of: nobody
relayed: multipart/mixed, Status 2.0.0, $common; a bounce of: nobody" ]]
