#!/usr/bin/env bash
# Exim 4.96 (Debian 4.96-15+deb12u11) as relay with dsn_advertise_hosts = *, flufl.bounce 4.0 (4.0-3, Mailman's) as reader of its reports.
# RFC 3461 §6.3: ENVID and the address of ORCPT are xtext on the wire and go into a report decoded. §5.2.2: what a next hop without DSN
# takes is reported as "relayed", since nobody knows whether it will be delivered.
# Seen: Exim writes the xtext as it came, so that the report of bob+list@example.net speaks of bob+2Blist@example.net, a mailbox that nobody
# has: the program that reads the bounce takes that one for the failed address. What went to a next hop without DSN is "delivered". And the
# Status of a recipient refused with 550 5.1.1 is 5.0.0.
# Output:
#   Original-Envelope-ID: a+2Bb
#   Original-Recipient: rfc822;bob+2Blist@example.net
#   Action: failed, Status: 5.0.0, Diagnostic-Code: smtp; 550 5.1.1 unknown
#   flufl.bounce: bob+2Blist@example.net failed
#   Action: delivered (ann@example.net)
set -euo pipefail
if [[ -z ${FINDING_DIR:-} ]]; then # outside: fetch, then run again without a network but a private loopback
  FINDING_DIR=$(mktemp -d)
  export FINDING_DIR
  trap 'rm -rf "$FINDING_DIR"' EXIT
  chmod 755 "$FINDING_DIR"
  cd "$FINDING_DIR"
  apt-get -qq -o APT::Sandbox::User=root download exim4-daemon-light=4.96-15+deb12u11 libidn12=1.41-1 \
    libgnutls-dane0=3.7.9-2+deb12u7 libunbound8=1.17.1-2+deb12u4 libevent-2.1-7=2.1.12-stable-8+deb12u1 libnsl2=1.3.0-2 \
    python3-flufl.bounce=4.0-3 python3-public=2.3-4 python3-zope.interface=5.5.2-1+b1 python3-pkg-resources=66.1.1-1+deb12u2
  for deb in *.deb; do dpkg -x "$deb" root; done
  cd - > /dev/null
  unshare --net --mount --pid --fork --kill-child --mount-proc bash "$0"
  exit
fi

cd "$FINDING_DIR"
ip link set lo up
export LD_LIBRARY_PATH=$PWD/root/usr/lib/x86_64-linux-gnu

# Exim's user is compiled in: a passwd of our own has it.
{ cat /etc/passwd; echo 'Debian-exim:x:8:8::/nonexistent:/usr/sbin/nologin'; } > passwd
{ cat /etc/group; echo 'Debian-exim:x:8:'; } > group
mount --bind passwd /etc/passwd
mount --bind group /etc/group
mkdir -m 755 exim
chown 8:8 exim
cat > exim.conf << EOF
exim_user = mail
exim_group = mail
exim_path = $PWD/root/usr/sbin/exim4
primary_hostname = relay.example
spool_directory = $PWD/exim
log_file_path = $PWD/exim/%s.log
pid_file_path = $PWD/exim/pid
local_interfaces = <; [127.0.0.1]:2525
daemon_smtp_ports =
disable_ipv6
keep_environment =
host_lookup =
tls_advertise_hosts =
dsn_advertise_hosts = *
rfc1413_query_timeout = 0s
acl_smtp_rcpt = accept
queue_only
begin routers
all:
  driver = manualroute
  route_list = * 127.0.0.1
  self = send
  transport = out
begin transports
out:
  driver = smtp
  port = 2526
  allow_localhost
  hosts_try_fastopen =
EOF

cat > hop.py << 'EOF'
import socketserver
reports = 0
class hop(socketserver.StreamRequestHandler):  # a next hop without DSN that refuses bob and keeps the reports, which have no sender
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
exim=$PWD/root/usr/sbin/exim4
"$exim" -C "$PWD/exim.conf" -bdf < /dev/null > exim.out 2>&1 &

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
session.mail("sender@example.org", ["ENVID=a+2Bb"])
session.rcpt("bob+list@example.net", ["NOTIFY=FAILURE", "ORCPT=rfc822;bob+2Blist@example.net"])
session.rcpt("ann@example.net", ["NOTIFY=SUCCESS"])
session.data(b"Subject: x\r\n\r\nhello\r\n")
EOF
python3 send.py
"$exim" -C "$PWD/exim.conf" -q 2>> queue.out # delivers what is queued, and waits for it
"$exim" -C "$PWD/exim.conf" -q 2>> queue.out # the reports

cat > read.py << 'EOF'
import email, glob
from flufl.bounce import all_failures
for name in sorted(glob.glob("report*"), key=lambda name: b"Action: delivered" in open(name, "rb").read()):
    report = email.message_from_binary_file(open(name, "rb"))
    about, recipient = next(part for part in report.walk() if part.get_content_type() == "message/delivery-status").get_payload()
    if recipient["Action"] == "delivered":
        print("Action: delivered (" + recipient["Final-Recipient"].removeprefix("rfc822;") + ")")
        continue
    print("Original-Envelope-ID: " + about["Original-Envelope-ID"])
    print("Original-Recipient: " + recipient["Original-Recipient"])
    print(", ".join(f"{field}: {recipient[field]}" for field in ("Action", "Status", "Diagnostic-Code")))
    print("flufl.bounce: " + " ".join(address.decode() for address in all_failures(report)[1]) + " failed")
EOF
shown=$(PYTHONPATH=$PWD/root/usr/lib/python3/dist-packages /usr/bin/python3 read.py)
echo "$shown"
[[ $shown == 'Original-Envelope-ID: a+2Bb
Original-Recipient: rfc822;bob+2Blist@example.net
Action: failed, Status: 5.0.0, Diagnostic-Code: smtp; 550 5.1.1 unknown
flufl.bounce: bob+2Blist@example.net failed
Action: delivered (ann@example.net)' ]]
